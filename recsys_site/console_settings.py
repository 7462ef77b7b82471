"""Settings of the console and of the demo, which tell each other by files. Frozen by the config.py of each."""

from pathlib import Path
from typing import Any

from recsys_site.env import Environment

Settings = dict[str, Any]


def console_and_demo(
    env: Environment, var_dir: Path, *, embedded: bool, metrics_dir: str
) -> tuple[Settings, Settings]:
    """Both. The console shows what the files say, where they exist: a notice about demonstration data, whether its
    audience is on, and where to log in."""
    entrance_file, notice_file = str(var_dir / "demo.json"), str(var_dir / "demo-notice.json")
    audience_file, off_file = str(var_dir / "demo-audience.json"), str(var_dir / "demo-audience.off")
    console = {
        "notice_file": notice_file,
        "audience_file": audience_file,
        "audience_off_file": off_file if embedded else "",
        "login_file": entrance_file if embedded else "",
        "import_max_bytes": env.integer("IMPORT_MAX_MB", default=200, minimum=1) * 1024 * 1024,
        "metrics_dir": metrics_dir,
        "second_approver": env.flag("MIX_SECOND_APPROVER", default=False),
        "require_totp": env.flag("REQUIRE_TOTP", default=env.production),
        "preview_at_most_s": env.number("PREVIEW_AT_MOST_S", default=8.0, minimum=1),
    }
    demo = {
        "downloads_dir": str(var_dir / "downloads"),
        "notice_file": notice_file,
        "audience_allowed": embedded,
        "audience_file": audience_file,
        "audience_off_file": off_file,
        "audience_per_s": env.number("AUDIENCE_PER_S", default=2.0, minimum=0.01, maximum=50),
        "entrance_file": entrance_file,
    }
    return console, demo
