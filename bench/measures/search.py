"""4: the public search over a fixed mix, against a sequential scan for the same words."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import quantiles

from bench.figures import Figure
from bench.harness import Runner, race
from bench.stage import Stage

# One character, two, three, four, ten; absent; common; and with a filter.
MIX = ("某", "电子", "第99", "拒不改正", "示例电子第12有限公司", "不存在的词", "有限公司", "罚款人民币2000元")
SCAN = """
SELECT id FROM disclosure_notice
 WHERE state = 'published' AND core_fold(search_text) LIKE %s ORDER BY published_at DESC, id DESC LIMIT 20
"""


def measure(stage: Stage) -> Iterator[Figure]:
    """p95 over the mix, the page's own queries (rows and count) against one scan that no index helps."""
    from disclosure import publication
    from disclosure.models import Notice

    line = stage.database.connect(role=stage.database.serving)
    with line.cursor() as cursor:
        for setting in ("enable_indexscan", "enable_bitmapscan", "enable_indexonlyscan"):
            cursor.execute(f"SET {setting} = off")
        cursor.execute("SET max_parallel_workers_per_gather = 0")

    def scan() -> list[list[int]]:
        with line.cursor() as cursor:
            found = []
            for words in MIX:
                cursor.execute(SCAN, [f"%{words}%"])
                found.append([pk for (pk,) in cursor.fetchall()])
            return found

    expected = scan()

    def ask(words: str) -> list[int]:
        return [row.pk for row in publication.page_of_answers(publication.Question(words=words), "").rows]

    def scan_one(words: str) -> list[int]:
        with line.cursor() as cursor:
            cursor.execute(SCAN, [f"%{words}%"])
            return [pk for (pk,) in cursor.fetchall()]

    runners = []
    for words, rows in zip(MIX, expected, strict=True):

        def same(found: list[int], rows: list[int] = rows, words: str = words) -> str:
            return "" if found == rows else f"{words}: {len(found)} notices, the scan finds {len(rows)}"

        runners += [
            Runner(f"search {words}", lambda words=words: ask(words), same),  # type: ignore[misc]
            Runner(f"scan {words}", lambda words=words: scan_one(words), same),  # type: ignore[misc]
        ]
    run = race(runners, floor=f"scan {MIX[0]}", rounds=max(5, stage.size.rounds // 4), warm_ups=2)
    line.close()
    what = f"public search, p95 of a mix of {len(MIX)}, {Notice.objects.published().count():,} notices"
    if run.void:
        yield Figure("4", what, "sequential scan", None, 0.25, 0.1, void=run.void)
        return
    mine = [call for words in MIX for call in run.times[f"search {words}"].rounds]
    bare = [call for words in MIX for call in run.times[f"scan {words}"].rounds]
    value = quantiles(mine, n=20)[18] / quantiles(bare, n=20)[18]
    slowest = max(MIX, key=lambda words: run.times[f"search {words}"].typical)
    note = f"slowest “{slowest}” {run.times[f'search {slowest}'].typical * 1000:.0f} ms"
    yield Figure("4", what, "p95 of a sequential scan", value, 0.25, 0.1, rounds=len(mine), note=note)
