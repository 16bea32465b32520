using System.Collections.Frozen;
using Cyborg.Api.Calls;
using Cyborg.Api.Errors;
using Cyborg.Messaging.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Cyborg.Api.Tests;

public sealed class QueryTests
{
    private static readonly FrozenSet<string> SortKeys = new[] { "id", "name" }.ToFrozenSet();

    [Fact]
    public void An_unknown_argument_is_malformed() =>
        Bodies.Refused(() => Query("?foo=1", "type"), ApiError.Malformed, "Unknown argument: \"foo\"");

    [Fact]
    public void Argument_names_are_compared_in_their_case() =>
        Bodies.Refused(() => Query("?Type=GPU", "type"), ApiError.Malformed, "Unknown argument: \"Type\"");

    [Theory]
    [InlineData("?type=a&type=b")]
    [InlineData("?type=a&TYPE=b")]
    public void An_argument_given_twice_is_malformed(string query) =>
        Bodies.Refused(() => Query(query, "type"), ApiError.Malformed, "more than once");

    [Fact]
    public void A_NUL_in_an_argument_is_malformed() => Bodies.Refused(() => Query("?type=%00", "type"), ApiError.Malformed, "NUL");

    [Fact]
    public void An_empty_argument_is_there_but_filters_nothing()
    {
        var query = Query("?type=", "type");
        Assert.Equal("", query.Text("type"));
        Assert.Null(query.NonEmpty("type"));
        Assert.Null(query.Text("vendor"));
    }

    [Theory]
    [InlineData("0f3b5f2e-9d6c-4e33-9b7e-1f1f2f3f4f5f", true)]
    [InlineData("0F3B5F2E9D6C4E339B7E1F1F2F3F4F5F", true)]
    [InlineData("0f3b5f2e9d6c-4e33-9b7e-1f1f2f3f-4f5f", true)]
    [InlineData("0f3b5f2e-9d6c-4e33-9b7e-1f1f2f3f4f5", false)]
    [InlineData("{0f3b5f2e-9d6c-4e33-9b7e-1f1f2f3f4f5f}", false)]
    [InlineData("0f3b5f2e-9d6c-4e33-9b7e-1f1f2f3f4f5g", false)]
    [InlineData(" 0f3b5f2e9d6c4e339b7e1f1f2f3f4f5", false)]
    [InlineData("zzz", false)]
    [InlineData("", false)]
    public void Uuids_have_32_hex_digits_with_dashes_anywhere(string text, bool isUuid)
    {
        Assert.Equal(isUuid, UuidText.TryParse(text, out var uuid));
        if (isUuid)
            Assert.Equal(Guid.Parse("0f3b5f2e-9d6c-4e33-9b7e-1f1f2f3f4f5f"), uuid);
    }

    [Fact]
    public void A_malformed_uuid_is_told_in_upstreams_words() => Bodies.Refused(
        () => Query("?instance=zzz", "instance").Uuid("instance"),
        ApiError.Malformed,
        "Invalid input for field/attribute instance. Value: 'zzz'. unable to convert to uuid. Error: Expected a uuid but received zzz.");

    [Theory]
    [InlineData("x")]
    [InlineData("1.5")]
    [InlineData("99999999999")]
    [InlineData("")]
    public void A_number_must_be_one(string text) =>
        Bodies.Refused(() => Query($"?deployable_id={text}", "deployable_id").Integer("deployable_id"), ApiError.Malformed, "unable to convert to int");

    [Fact]
    public void Without_filters_a_list_keeps_its_own_order()
    {
        Assert.Equal(new ListFilters(null, null), Filters(""));
        Assert.Equal(new ListFilters(null, new ListOptions(null, null, true)), Filters("", otherFilter: true));
    }

    [Theory]
    [InlineData("?filters.field=name&filters.value=n", "n", null, null, true)]
    [InlineData("?filters.field=limit&filters.value=3", null, 3, null, true)]
    [InlineData("?filters.field=sort_key&filters.value=id", null, null, "id", true)]
    [InlineData("?filters.field=sort_dir&filters.value=asc", null, null, "created_at", false)]
    [InlineData("?filters.field=sort_key&filters.value=id&filters.field=sort_dir&filters.value=asc", null, null, "id", false)]
    [InlineData("?filters.field=board&filters.value=x", null, null, null, true)]
    public void Filters_are_pairs_of_field_and_value(string query, string? name, int? limit, string? sortKey, bool descending) =>
        Assert.Equal(new ListFilters(name, new ListOptions(limit, sortKey, descending)), Filters(query));

    [Theory]
    [InlineData("?filters.field=name", "needs one filters.value")]
    [InlineData("?filters.value=n", "needs one filters.value")]
    [InlineData("?filters.field=color&filters.value=red", "unsupported field")]
    [InlineData("?filters.field=limit&filters.value=-1", "limit")]
    [InlineData("?filters.field=limit&filters.value=many", "limit")]
    [InlineData("?filters.field=sort_key&filters.value=password", "invalid field for sorting")]
    [InlineData("?filters.field=sort_dir&filters.value=up", "neither asc nor desc")]
    [InlineData("?limit=1", "Unknown argument")]
    public void Bad_filters_are_malformed(string query, string text) =>
        Bodies.Refused(() => Filters(query), ApiError.Malformed, text);

    private static ListFilters Filters(string query, bool otherFilter = false) => ListFilters.Parse(
        QueryArguments.Parse(Collection(query), [], ListFilters.Arguments), SortKeys, otherFilter);

    private static QueryArguments Query(string query, params string[] known) => QueryArguments.Parse(Collection(query), known);

    private static QueryCollection Collection(string query) => new(QueryHelpers.ParseQuery(query));
}
