import subprocess
import sys


def run(code: str) -> str:
    """What a Python of its own prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


class TestImport:
    def test_questions_do_without_scipy_and_without_the_client_of_a_server(self):
        loaded = "[name for name in ('scipy', 'openai') if name in sys.modules]"
        assert run(f"import sys, qa.assistant; print({loaded})") == "[]"

    def test_scipy_is_there_for_who_wants_it_before_and_after(self):
        uses = "from scipy import stats; print(stats.binomtest(1, 2).pvalue)"
        assert run(f"import qa.linguistics; {uses}") == "1.0"
        assert (
            run(f"import scipy, sys, qa.linguistics; assert sys.modules['scipy'] is scipy; {uses}") == "1.0"
        )
