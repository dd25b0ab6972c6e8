"""What the arXiv lengths cost on six models in three modes, by formulas written down by hand; prints totals.json.

Nothing of the product is used: prices are the book's rows of 2026-11-01, typed in (picodollars by token = USD by million tokens times
1,000,000); rules of caches are the providers' (docs/estimate.md). Every document is sent three times behind one shared prompt of 2,000
tokens, and each answer has 291 tokens.
"""
import csv, gzip, json, pathlib

HERE = pathlib.Path(__file__).parent
SHARED, TIMES, ANSWER = 2000, 3, 291
M = 1_000_000

# input, output, batch input, batch output, cached input, cache write (None: not billed apart), least tokens, increment
MODELS = {
    'gpt-4o': ('2.5', '10', '1.25', '5', '1.25', None, 1024, 128),
    'gpt-4o-mini': ('0.15', '0.6', '0.075', '0.3', '0.075', None, 1024, 128),
    'gpt-5.6': ('4', '20', '2', '10', '0.4', '5', 1024, 1),
    'claude-opus-4-6': ('5', '25', '2.5', '12.5', '0.5', '6.25', 4096, 1),
    'claude-sonnet-4-5': ('3', '15', '1.5', '7.5', '0.3', '3.75', 1024, 1),
    'gemini-2.5-pro': ('1.25', '10', '0.625', '5', '0.125', None, 4096, 1),
}


def pico(usd):
    whole, _, part = usd.partition('.')
    return int(whole + part.ljust(6, '0'))


def text(amount):
    digits = str(amount).rjust(13, '0')
    return (digits[:-12] + '.' + digits[-12:]).rstrip('0').rstrip('.')


def cached(lengths, fresh, read, write, least, step):
    """Input side with a cache: the better of one entry for the shared prompt and of documents alone."""
    def cacheable(n):
        return 0 if n < least else n // step * step
    put = fresh if write is None else write
    shared = cacheable(SHARED)
    joined = alone = 0
    first = None
    for d in lengths:
        whole = cacheable(SHARED + d)
        plain = TIMES * (SHARED + d) * fresh
        own = plain
        if whole > shared:
            again = (TIMES - 1) * (whole * read + (SHARED + d - whole) * fresh)
            own = min(own, whole * put + (SHARED + d - whole) * fresh + again)
        alone += own
        ways = [(plain, None)]
        if shared:
            # only the shared prompt is read, or the rest of the document is written behind it and read from then on
            ways.append((TIMES * (shared * read + (SHARED + d - shared) * fresh), shared * (put - read)))
            if whole > shared:
                begin = shared * read + (whole - shared) * put + (SHARED + d - whole) * fresh
                ways.append((begin + again, shared * (put - read)))
        cost, more = min(ways, key=lambda way: way[0])
        joined += cost
        if more is not None:
            first = more if first is None else min(first, more)
    return min(joined + (first or 0), alone)


with gzip.open(HERE / 'lengths.csv.gz', 'rt') as file:
    LENGTHS = [int(row['prompt_tokens']) for row in csv.DictReader(file)]

requests = TIMES * len(LENGTHS)
tokens = TIMES * sum(SHARED + d for d in LENGTHS)
totals = {}
for model, (fresh, out, batch_in, batch_out, read, write, least, step) in MODELS.items():
    sides = {
        'sync': (tokens * pico(fresh), requests * ANSWER * pico(out)),
        'batch': (tokens * pico(batch_in), requests * ANSWER * pico(batch_out)),
        'cached': (
            cached(LENGTHS, pico(fresh), pico(read), write and pico(write), least, step),
            requests * ANSWER * pico(out),
        ),
    }
    for mode, (inputs, outputs) in sides.items():
        totals[f'{model} {mode}'] = {'input_cost': text(inputs), 'cost': text(inputs + outputs)}
print(json.dumps({'documents': len(LENGTHS), 'requests': requests, 'input_tokens': tokens, 'plans': totals}, indent=1))
