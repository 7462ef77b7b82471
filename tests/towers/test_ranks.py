"""Two processes under torchrun learn what one process learns, together."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

# The mark alone: tests with a database come first, and a run should not end with the longest of all.
pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]

SCRIPT = """
import sys
from pathlib import Path

import django
import torch
from safetensors.numpy import save_file

django.setup()

from retrieval.towers.config import TowerConfig
from retrieval.towers.ranks import Ranks
from retrieval.towers.train import train
from tests.towers.worlds import two_islands

torch.set_num_threads(1)
ranks = Ranks.from_environment()
config = TowerConfig(dim=8, epochs=6, validation_share=0, batch_users=20, learning_rate=1e-2)
trained = train(two_islands(), config, ranks=ranks)
vectors = {"items": trained.item_vectors, "history": trained.history_vectors}
save_file(vectors, Path(sys.argv[1]) / f"{ranks.rank}of{ranks.size}")
"""


def test_two_processes_share_every_batch_and_end_with_the_same_towers(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "torch.distributed.run",
        "--standalone",
        "--nproc-per-node",
        "2",
    ]

    done = subprocess.run(
        [*command, str(tmp_path / "script.py"), str(tmp_path)],
        cwd=ROOT,
        env={
            "PYTHONPATH": str(ROOT),
            "PATH": "/usr/bin:/bin",
            "DJANGO_SETTINGS_MODULE": "recsys_site.settings",
            "OMP_NUM_THREADS": "1",
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    first, second = load_file(tmp_path / "0of2"), load_file(tmp_path / "1of2")
    np.testing.assert_array_equal(first["items"], second["items"])
    scores = first["history"][0] @ first["items"].T
    assert np.mean(np.argsort(-scores)[:20] % 2 == 0) == 1.0
