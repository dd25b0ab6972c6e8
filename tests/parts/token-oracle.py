"""Token counts of PyPI tiktoken, without a download: python token-oracle.py VOCABULARIES TEXTS.json COUNTS.json

TEXTS.json is {name: [text, ...]}; written is {encoding: {name: [tokens, ...]}}. The SHA-256 of the vocabularies is compared with the one in
tiktoken's own source. Halves of pairs that stand alone become U+FFFD, as in UTF-8; special tokens are plain text.
"""
import base64
import hashlib
import json
import os
import sys

import tiktoken
from tiktoken_ext import openai_public

folder, texts, counts = sys.argv[1:4]
with open(openai_public.__file__, encoding="utf-8") as source:
    KNOWN = source.read()


def load(url, expected_hash=None):
    with open(os.path.join(folder, url.split("/")[-1]), "rb") as file:
        content = file.read()
    if hashlib.sha256(content).hexdigest() not in KNOWN:
        raise SystemExit(f"the vocabulary for {url} is not the one that tiktoken names")
    return {base64.b64decode(token): int(rank) for token, rank in (line.split() for line in content.splitlines() if line)}


openai_public.load_tiktoken_bpe = load
with open(texts, encoding="utf-8") as file:
    groups = json.load(file)
whole = lambda text: text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
result = {}
for name in ("o200k_base", "cl100k_base"):
    encoding = tiktoken.get_encoding(name)
    result[name] = {
        group: [len(encoding.encode(whole(text), disallowed_special=())) for text in own] for group, own in groups.items()
    }
with open(counts, "w", encoding="utf-8") as file:
    json.dump(result, file)
