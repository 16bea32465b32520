using System.CommandLine;
using Cyborg.Bench;

var programs = new Option<string>("--programs") { Description = "Folder of the published programs.", DefaultValueFactory = _ => "artifacts/bin" };
var page = new Option<string?>("--page") { Description = "Page that takes the figures; they are printed in any case." };
var rounds = new Option<int>("--rounds") { Description = "How often each figure is taken; the median counts.", DefaultValueFactory = _ => 5 };
var seconds = new Option<double>("--seconds") { Description = "How long one round of load lasts.", DefaultValueFactory = _ => 2 };
var only = new Option<string?>("--only") { Description = "footprint, lists, walks, requests, reports, growth; several with commas; all without it." };
var largest = new Option<int>("--devices") { Description = "Size of the largest cloud: 8, 800, 8000 or 80000 devices.", DefaultValueFactory = _ => 80_000 };

var root = new RootCommand("Measures Cyborg against the limits of the machine that it runs on.") { programs, page, rounds, seconds, only, largest };
root.SetAction((parsed, _) => Run.AllAsync(new RunOptions(
    Path.GetFullPath(parsed.GetValue(programs)!), parsed.GetValue(page), parsed.GetValue(rounds), parsed.GetValue(seconds), parsed.GetValue(only), parsed.GetValue(largest))));

var (port, file, url) = (new Argument<int>("port"), new Argument<string>("file"), new Argument<string>("url"));
var serve = new Command("serve", "A bare endpoint: answers the bytes of a file.") { port, file };
serve.SetAction((parsed, _) => Bare.ServeAsync(parsed.GetValue(port), parsed.GetValue(file)!));
root.Add(serve);
var echo = new Command("echo", "A bare responder on the bus.") { url };
echo.SetAction((parsed, _) => Bare.EchoAsync(parsed.GetValue(url)!));
root.Add(echo);
return await root.Parse(args).InvokeAsync();
