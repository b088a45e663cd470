"""What `--continue` goes on with."""

from qa import last_conversation
from qa.types import Turn


class TestConversation:
    def test_only_the_newest_turns_are_kept(self, tmp_path):
        turns = [Turn(role="user", content=str(number)) for number in range(50)]
        last_conversation.save(tmp_path, turns)
        assert last_conversation.load(tmp_path) == tuple(turns[-last_conversation.LONGEST :])
        assert [path.name for path in tmp_path.iterdir()] == ["conversation.json"]

    def test_nothing_kept_is_an_empty_conversation(self, tmp_path):
        assert last_conversation.load(tmp_path / "none") == ()
