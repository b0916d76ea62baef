"""Keys, tokens and passwords."""

from __future__ import annotations

import math
import re
from collections import Counter

from atlas.scan.match import Match

# What issuers put in front, so that it is known for what it is, and how long it is then.
ISSUED = re.compile(
    r"(?<![A-Za-z0-9_-])(?:"
    r"(?:AKIA|ASIA)[0-9A-Z]{16}"  # Amazon
    r"|gh[pousr]_[A-Za-z0-9]{36,251}|github_pat_[A-Za-z0-9_]{50,}|glpat-[A-Za-z0-9_-]{20,}"
    r"|(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9]{24,}"  # Stripe
    r"|xox[abeprs]-[A-Za-z0-9-]{10,}"  # Slack
    r"|AIza[0-9A-Za-z_-]{35}"  # Google
    r"|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"  # SendGrid
    r"|npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{50,}|dop_v1_[a-f0-9]{64}|sk-ant-[A-Za-z0-9_-]{20,}"
    r"|eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"  # a signed token
    r")(?![A-Za-z0-9])"
)
PRIVATE_KEY = re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----")
URL_WITH_PASSWORD = re.compile(r"[a-z][a-z0-9+.-]{1,20}://[^\s:@/]+:[^\s:@/]{3,}@[^\s/]+")
LEAST_LENGTH = 8
# Bits a character: words have about 3, random letters and digits from 3.5 on.
LEAST_ENTROPY = 2.5


def find_api_key(value: str, *, is_named: bool) -> Match | None:
    """What an issuer marks as its own, a private key, a URL with a password; in a column named so, random text."""
    for form in (ISSUED, PRIVATE_KEY, URL_WITH_PASSWORD):
        found = form.search(value)
        if found:
            return Match(found[0], is_certain=True)
    text = value.strip()
    if is_named and len(text) >= LEAST_LENGTH and not re.search(r"\s", text) and _entropy(text) >= LEAST_ENTROPY:
        return Match(text, is_certain=False)
    return None


def _entropy(text: str) -> float:
    """Bits a character, by how often each occurs."""
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values())
