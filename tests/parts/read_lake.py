"""What PyArrow finds in the tables of a lake: types, null counts, rows and exact sums of its decimals. In: {table: [file]}; out: JSON."""

import json
import sys

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq


def simple(kind):
    """The lake's own spelling of an Arrow type; what it does not know is printed as Arrow calls it."""
    if pa.types.is_timestamp(kind):
        return "timestamp" if kind.tz is None else f"timestamp in {kind.tz}"
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    if pa.types.is_list(kind):
        return f"array<{simple(kind.value_type)}>"
    if pa.types.is_map(kind):
        return f"map<{simple(kind.key_type)},{simple(kind.item_type)}>"
    return {"int64": "bigint", "bool": "boolean", "date32[day]": "date"}.get(str(kind), str(kind))


def describe(files):
    tables = [pq.ParquetFile(name).read() for name in files]
    schemas = {json.dumps([[field.name, simple(field.type)] for field in table.schema]) for table in tables}
    if len(schemas) != 1:
        raise SystemExit(f"files of one table differ: {schemas}")
    whole = pa.concat_tables(tables)
    whole.validate(full=True)
    columns = []
    for name, column in zip(whole.column_names, whole.columns):
        total = pc.sum(column.cast(pa.decimal128(38, 12))) if pa.types.is_decimal(column.type) else None
        columns.append(
            {
                "name": name,
                "type": simple(column.type),
                "nulls": column.null_count,
                "sum": None if total is None or not total.is_valid else format(total.as_py(), "f"),
            }
        )
    return {"rows": whole.num_rows, "columns": columns}


print(json.dumps({table: describe(files) for table, files in json.load(sys.stdin).items()}))
