"""Files that must not be believed: how to make each, and what the refusal must say."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import polars as pl
import zstandard


@dataclass(frozen=True, slots=True)
class BadFile:
    """``says`` are words that the sentence must hold; ``fields`` go into the request."""

    name: str
    filename: str
    make: Callable[[], bytes]
    says: tuple[str, ...]
    fields: dict[str, str] = field(default_factory=dict)


def csv(*lines: str) -> Callable[[], bytes]:
    return lambda: ("\n".join(lines) + "\n").encode()


def parquet(frame: Callable[[], pl.DataFrame]) -> Callable[[], bytes]:
    def make() -> bytes:
        out = io.BytesIO()
        frame().write_parquet(out)
        return out.getvalue()

    return make


def rows(n: int = 20, *, target: str = "{t}", extra: str = "", value: str = "") -> list[str]:
    return [f"{i},{i % 2},{0.1 + 0.04 * i if i != 6 or not value else value}{extra}" for i in range(1, n + 1)]


HEADER = "id,y_true,proba_1"


def ragged() -> bytes:
    lines = rows()
    lines[6] += ",surplus"
    return "\n".join([HEADER, *lines]).encode()


def truncated_gzip() -> bytes:
    rng = np.random.default_rng(0)
    whole = "\n".join([HEADER, *(f"{i},{i % 2},{p:.12f}" for i, p in enumerate(rng.random(5_000)))])
    return gzip.compress(whole.encode())[:-2_000]


def broken_zst() -> bytes:
    whole = zstandard.compress("\n".join([HEADER, *rows(20)]).encode() * 50)
    return whole[: len(whole) // 2]


def bomb() -> bytes:
    """A few hundred kilobytes that unpack to 400 MB."""
    packer = zlib.compressobj(9, wbits=31)
    block = b"1,0,0.5\n" * 131_072
    return (
        packer.compress(HEADER.encode() + b"\n")
        + b"".join(map(packer.compress, [block] * 400))
        + packer.flush()
    )


def footer_cut() -> bytes:
    return parquet(lambda: pl.DataFrame({"y_true": [0, 1] * 50, "proba_1": [0.2, 0.7] * 50}))()[:-20]


def nested() -> pl.DataFrame:
    return pl.DataFrame({"y_true": [0, 1], "proba_1": [0.2, 0.7], "boxes": [[1, 2], [3]]})


BINARY = '{"y_true": "target", "proba_1": "probability"}'

BAD_FILES = [
    BadFile("empty", "a.csv", lambda: b"", ("empty",)),
    BadFile("header only", "a.csv", csv(HEADER), ("row",)),
    BadFile("a picture", "a.csv", lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 500, ("CSV", "Parquet")),
    BadFile(
        "a pickle", "a.pkl", lambda: b"\x80\x04\x95\x10\0\0\0\0\0\0\0}\x94(K\x01K\x02u.", ("CSV", "Parquet")
    ),
    BadFile("a zip", "a.csv", lambda: b"PK\x03\x04" + b"\0" * 200, ("CSV", "Parquet")),
    BadFile(
        "not UTF-8",
        "a.csv",
        lambda: "\n".join(["id,y_true,proba_1,город", *rows(extra=",Москва")]).encode("cp1251"),
        ("UTF-8",),
    ),
    BadFile("UTF-16", "a.csv", lambda: "\n".join([HEADER, *rows()]).encode("utf-16"), ("UTF-16", "UTF-8")),
    BadFile("ragged", "a.csv", ragged, ("7", "4", "3")),
    BadFile("truncated gzip", "a.csv.gz", truncated_gzip, ("gzip",)),
    BadFile("broken zst", "a.csv.zst", broken_zst, ("zst",)),
    BadFile("decompression bomb", "a.csv.gz", bomb, ("unpacks",)),
    BadFile("footer cut off", "a.parquet", footer_cut, ("Parquet",)),
    BadFile("nested columns", "a.parquet", parquet(nested), ("boxes",)),
    BadFile(
        "doubled names", "a.csv", csv("id,y_true,proba_1,proba_1", "1,0,.2,.2", "2,1,.7,.7"), ("proba_1",)
    ),
    BadFile(
        "broken JSON line", "a.jsonl", csv('{"y_true": 0, "proba_1": 0.2}', '{"y_true": 1, "pro'), ("2",)
    ),
    BadFile(
        "probability above 1", "a.csv", csv(HEADER, *rows(value="1.5")), ("proba_1", "6"), {"roles": BINARY}
    ),
    BadFile(
        "probability below 0", "a.csv", csv(HEADER, *rows(value="-0.5")), ("proba_1", "6"), {"roles": BINARY}
    ),
    BadFile("NaN probability", "a.csv", csv(HEADER, *rows(value="NaN")), ("proba_1", "6"), {"roles": BINARY}),
    BadFile(
        "infinite probability", "a.csv", csv(HEADER, *rows(value="inf")), ("proba_1", "6"), {"roles": BINARY}
    ),
    BadFile(
        "probabilities that do not sum to 1",
        "a.csv",
        csv("y_true,proba_a,proba_b,proba_c", "a,.5,.2,.3", "b,.1,.8,.1", "c,.3,.3,.9", "a,.6,.2,.2"),
        ("sum", "3"),
    ),
    BadFile(
        "a mapped column is missing",
        "a.csv",
        csv(HEADER, *rows()),
        ("y_real",),
        {"roles": '{"y_real": "target"}'},
    ),
    BadFile(
        "text where a number belongs",
        "a.csv",
        csv("id,y_true,y_pred", *(f"{i},{i * 1.5},{'many' if i == 4 else i}" for i in range(1, 12))),
        ("y_pred", "4"),
        {"roles": '{"y_true": "target", "y_pred": "prediction"}', "task": "regression"},
    ),
    BadFile("no target", "a.csv", csv("id,proba_1", *(f"{i},0.{i}" for i in range(1, 10))), ("target",)),
    BadFile(
        "no prediction", "a.csv", csv("id,y_true", *(f"{i},{i % 2}" for i in range(1, 10))), ("predict",)
    ),
]
