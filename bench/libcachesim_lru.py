"""LRU at several capacities over a trace of bench/stack-distances.ts, one run each (libCacheSim, PyPI `libcachesim`, GPL-3.0; a tool, not a part).

    python3 -m venv VENV && VENV/bin/pip install libcachesim==0.3.5
    VENV/bin/python bench/libcachesim_lru.py TRACE CAPACITY [CAPACITY ...]

Prints hits and CPU seconds per capacity as one line of JSON.
"""

import json
import resource
import sys
import time

import libcachesim as lcs

trace, capacities = sys.argv[1], [int(text) for text in sys.argv[2:]]
rows = []
for capacity in capacities:
    reader = lcs.TraceReader(trace=trace, trace_type=lcs.TraceType.ORACLE_GENERAL_TRACE)
    before = time.process_time()
    miss_ratio, _ = lcs.LRU(cache_size=capacity).process_trace(reader)
    seconds = time.process_time() - before
    rows.append({"capacity": capacity, "missRatio": miss_ratio, "cpuSeconds": seconds})
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps({"rows": rows, "cpuSeconds": sum(row["cpuSeconds"] for row in rows), "peakMiB": peak}))
