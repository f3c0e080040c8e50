import pytest

from tests.flows.client import Script, make_script


@pytest.fixture
def script(transactional_db: None) -> Script:
    return make_script()
