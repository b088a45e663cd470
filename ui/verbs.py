"""The base form of an English verb in the past tense, which a question with "did" needs.

Rules of spelling and a short list of irregular verbs; None where they leave a doubt. Knows no sentence.
"""

import re

_IRREGULAR = dict(
    pair.split(":")
    for pair in (
        "became:become began:begin bought:buy broke:break brought:bring built:build came:come "
        "chose:choose died:die drew:draw fell:fall felt:feel fled:flee fought:fight found:find gave:give "
        "got:get grew:grow heard:hear held:hold hoped:hope kept:keep knew:know led:lead left:leave "
        "lost:lose made:make met:meet paid:pay ran:run rose:rise said:say sang:sing saw:see sent:send "
        "sold:sell spent:spend spoke:speak stood:stand taught:teach thought:think threw:throw told:tell "
        "took:take understood:understand used:use went:go withdrew:withdraw won:win wrote:write"
    ).split()
)
# What stands before -ed when the base form ends in e: approv(e), announc(e), settl(e), disput(e), requir(e) …
_WITH_E = re.compile(
    r"(?:[cuvz]|(?<!s)(?<!cu)s|[aeu]ng|[aeiou]g|[dr]g|[bcdfgkptz]l|(?<![aeo])at|creat|(?<!o)ut"
    r"|(?:n|v|qu|m)ot|(?<![aeo])[aiu]d|ib|(?<!a)ir|(?<![eo])ar|(?<!o)ur|(?:gn|xpl|st)or|(?<![aeo])in"
    r"|(?<![aeo])[aiu]m|(?<![aeo])[aio]k|(?<![aeo])[ai]p|(?:^c|inv|un)it|pl[eo]t|(?<![aeo])[iu]l)$"
)
# And when it does not: report, order, mention, travel, explain, visit, review …
_WITHOUT = re.compile(
    r"(?:[^aeiouvwyz][^aeiougsvwz]|[aeo][aeiou][dklmnprt]|[eo]n|er|el|al|elop|isit|imit|[hwxy])$"
)


def base(verb: str) -> str | None:
    """`met` gives `meet`, `travelled` and what is no past tense None."""
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    stem = verb.removesuffix("ed")
    if stem == verb or len(stem) < 3:
        return None
    if stem.endswith("i"):
        return f"{stem[:-1]}y"
    if stem[-1] == stem[-2]:
        # Called, passed, added; but planned. "Controlled" and "installed" look the same.
        if stem[-1] in "lsfz" or len(stem) == 3:
            return stem if stem[-1] != "l" or len(stem) < 6 else None
        return stem[:-1]
    if _WITH_E.search(stem):
        return f"{stem}e"
    return stem if _WITHOUT.search(stem) else None
