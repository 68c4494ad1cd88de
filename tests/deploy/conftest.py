"""The tools of the extra `deploy`: where one is missing its tests are left out and say so; CI has them."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INSTALL = "it comes with pip install -e '.[deploy]' (make test-deploy)"

Tool = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def tool() -> Tool:
    """Run a program that lies next to this Python, in the repository's root."""

    def run(name: str, *words: str, **options: object) -> subprocess.CompletedProcess[str]:
        program = shutil.which(name, path=str(Path(sys.executable).parent))
        if program is None:
            pytest.skip(f"{name} is not installed; {INSTALL}")
        return subprocess.run([program, *words], cwd=ROOT, capture_output=True, text=True, **options)  # type: ignore[call-overload, no-any-return]

    return run


@pytest.fixture(scope="session")
def needs_helm() -> None:
    """Helm itself, as a library, and the schemas of Kubernetes."""
    for name, package in (("helm_python", "helm-python-sdk"), ("kubernetes_validate", "kubernetes-validate")):
        if find_spec(name) is None:
            pytest.skip(f"{package} is not installed; {INSTALL}")
