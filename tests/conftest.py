"""What all tests share: bounded, repeatable properties, and a contract that tells why it failed."""

import os

import hypothesis
import pytest

# Derandomized: a failure on one machine is a failure on all of them. No deadline: others may be
# busy on the same cores.
hypothesis.settings.register_profile("default", deadline=None, derandomize=True)
hypothesis.settings.register_profile("more", deadline=None, max_examples=2_000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

pytest.register_assert_rewrite("tests.bus.log_contract")
