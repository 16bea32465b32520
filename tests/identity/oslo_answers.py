"""Answers questions, one JSON object a line, with Debian's oslo.policy: true, false, or raise."""
import json
import logging
import sys
import warnings

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)

from oslo_config import cfg  # noqa: E402
from oslo_policy import policy  # noqa: E402

conf = cfg.ConfigOpts()
conf([])
with open(sys.argv[1], encoding="utf-8") as questions:
    for line in questions:
        question = json.loads(line)
        try:
            enforcer = policy.Enforcer(conf, use_conf=False)
            enforcer.set_rules(policy.Rules.from_dict(question["rules"], "default"))
            allowed = enforcer.enforce(question["rule"], question["target"], question["credentials"])
            print("true" if allowed else "false")
        except Exception:
            print("raise")
