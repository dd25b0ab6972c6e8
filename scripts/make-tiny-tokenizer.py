"""Makes tests/fixtures/tiny-tokenizer.json and tests/golden/tiny-tokenizer-counts.json with the reference library of Hugging Face:
  pip install tokenizers==0.23.3 && python scripts/make-tiny-tokenizer.py
The tokenizer is a small byte-level BPE with all that changes a count: a normalizer, a split pattern, special and other added tokens, a template that
would put special tokens around a text, and a truncation. Counts are those of text without any of the special ones, not truncated. Both are committed.
"""
import json
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

ROOT = Path(__file__).resolve().parent.parent
LEARNED = [
    "All human beings are born free and equal in dignity and rights. They are endowed with reason and conscience.",
    "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt.",
    "Все люди рождаются свободными и равными в своем достоинстве и правах.",
    "function tokens(text) {\n  return text.length === 0 ? 0 : count(text);\n}\n",
    '{"id": 12345, "name": "tokens", "values": [1, 2, 3]}\n',
] * 3
TEXTS = [
    "",
    " ",
    "a",
    "All human beings are born free.",
    "Würde und Recht, Wu\u0308rde und Recht",
    "Все люди рождаются свободными",
    "人人生而自由,在尊严和权利上一律平等。",
    "👩🏽\u200d🚀 🇩🇪",
    "function tokens(text) {\n\treturn text.length;\n}\r\n\r\n\n",
    "1234567890 3.14159",
    "before <|end|> after <|start|><|end|>",
    "<tool>call</tool> and <tool>",
    "a" * 1000,
    " " * 1000,
    "\ufeffx\u0000y",
    "ſ ﬁ Ⅷ",
    "don't we'll I'M THEY'RE",
]

tokenizer = Tokenizer(models.BPE())
tokenizer.normalizer = normalizers.NFC()
tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
    [
        pre_tokenizers.Split(Regex(r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ]
)
trainer = trainers.BpeTrainer(
    vocab_size=520, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), special_tokens=["<|start|>", "<|end|>"], show_progress=False
)
tokenizer.train_from_iterator(LEARNED, trainer)
tokenizer.add_tokens([AddedToken("<tool>", normalized=False), AddedToken("</tool>", normalized=False)])
tokenizer.post_processor = processors.TemplateProcessing(
    single="<|start|> $A <|end|>", special_tokens=[("<|start|>", 0), ("<|end|>", 1)]
)
tokenizer.enable_truncation(5)
text = json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, separators=(",", ":"))
(ROOT / "tests/fixtures/tiny-tokenizer.json").write_text(text + "\n", encoding="utf8")

plain = json.loads(text)
plain["added_tokens"] = [token for token in plain["added_tokens"] if not token["special"]]
reference = Tokenizer.from_str(json.dumps(plain))
reference.no_truncation()
counts = [{"text": one, "tokens": len(reference.encode(one, add_special_tokens=False).ids)} for one in TEXTS]
golden = json.dumps(counts, ensure_ascii=True, indent=2)
(ROOT / "tests/golden/tiny-tokenizer-counts.json").write_text(golden + "\n", encoding="utf8")
print(len(text), [one["tokens"] for one in counts])
