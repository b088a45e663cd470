"""A conversation in the terminal."""

from qa.errors import ModelError
from tests.desk import desk_with_two_documents  # noqa: F401
from tests.scripted import events_of, make_answer


class TestChat:
    def test_turns_are_remembered_until_new(self, desk):
        desk.qa("chat", stdin="Who fled?\nWhy?\n/new\nWhen?\n/quit\nNever asked?\n")
        assert [(question, len(turns)) for question, turns, _ in desk.assistant.asked] == [
            ("Who fled?", 0),
            ("Why?", 2),
            ("When?", 0),
        ]

    def test_sources_are_shown_on_demand(self, desk):
        result = desk.qa("chat", stdin="/sources\nWho fled?\n/sources\n")
        assert result.code == 0
        assert "There are no sources yet" in result.err
        assert result.out.count("“She was denied judicial review.”") == 1

    def test_end_of_input_ends(self, desk):
        assert desk.qa("chat", stdin="").code == 0

    def test_interrupt_stops_the_answer_and_not_the_chat(self, desk):
        def script(question):
            if question == "Stop?":
                raise KeyboardInterrupt
            return events_of(make_answer(question))

        desk.assistant.script = script
        result = desk.qa("chat", stdin="Stop?\nGo on?\n")
        assert result.code == 0 and "Stopped." in result.err
        assert "She was denied judicial review." in result.out

    def test_bad_question_and_failing_model_do_not_end_the_chat(self, desk):
        desk.assistant.failure = ModelError("It died.")
        result = desk.qa("chat", stdin="???\nWhy?\n/nonsense\n")
        assert result.code == 0
        assert "has no words" in result.err and "It died." in result.err and "/sources shows" in result.err

    def test_chat_and_ask_share_the_last_conversation(self, desk):
        desk.qa("chat", stdin="Who fled?\n")
        desk.qa("ask", "-c", "Why?")
        assert len(desk.assistant.asked[1][1]) == 2
