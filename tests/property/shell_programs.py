"""Random shell programs whose commands are calls of ``record``."""

from hypothesis import strategies as st

# What stands behind "record @", where each command gets a number of its own for "@".
PLAIN_WORDS = [
    "a", "a#b", "=", "x=1", "'a b'", "''", "'#'", "'$x'", '"a b"', '"it\'s"', r'"\"\$\`\\\n"',
    r"\;\ \&\|\'", "a'b'\"c\"", "a\\\nb", "{}", "}", "fi", "done", "in", "!", "[", "]", "%",
    "$", "-", "'\n'", '"(" ")"', "';' '&'",
]  # fmt: skip
EXPANDED_WORDS = [
    "$HOME", '"$@"', "${x:-a b}", '"${x:-it\'s}"', "${x:-'}'}", '"${x:-"}"}"', "${#x}",
    "$(echo a b)",
    '"$(echo "a b")"', "$(echo ')' # )\n)", "$(case a in a) echo b;; (c) d;; esac)", "`echo a`",
    '"`echo \\"a b\\"`"', "$(echo $(echo `echo a`))", "$((1 + (2 * 3)))", '"$((1<<2))"', "$?",
    "$(if :; then echo a; fi)",
]  # fmt: skip
BASH_WORDS = [
    "$'a\\'b'", '$"a b"', "{a,b}", "$(echo a &>/dev/null)", "<(echo a)", "${x//a/'}'}",
    "\"${x#'}'}\"", "${x^^}",
]  # fmt: skip
REDIRECTIONS = [
    " >/dev/null", " 2>&1", " </dev/null", ">/dev/null", "</dev/null>/dev/null", " 2>/dev/null",
    " 12>/dev/null", " >|/dev/null", " >>'/dev/null'", " <&-",
]  # fmt: skip
BASH_REDIRECTIONS = [" <<< 'a b'", "<<<a", " {fd}>/dev/null", " < <(echo a)"]
PREFIXES = ["", "", "", "x=1 ", "x='a b' y=$HOME ", ">/dev/null ", "env x=1 ", "command ", "! "]
BASH_PREFIXES = ["a=(x ')' # y\n z) ", "a+=(x) ", "time ", "time -p ", "[[ a == a ]] && "]
SEPARATORS = [
    "; ",
    "\n",
    " & ",
    " && ",
    " || ",
    " | ",
    "&&",
    ";",
    "& ",
    " &&\n",
    " # it's\n",
    "|\n ",
]
# "@f" is a function's name.
COMPOUNDS = [
    "( %s)", "( %s\n)", "{ %s\n}", "{ %s\n} >/dev/null 2>&1", "if %s\nthen %s\nelse %s\nfi",
    "if false; then %s\nelif :; then %s\nfi", "for i in 1 2; do %s\ndone", "for i do %s\ndone",
    "while false; do %s\ndone", "until :; do %s\ndone </dev/null",
    "case a in b) ;; (a|c) %s\n;; esac",
    "case $HOME in\n*) %s\nesac", "@f() { %s\n}; @f a", "@f() ( %s\n)\n@f", "! { %s\n}",
    "( exec %s\n)",
    "{ %s\n} &",
]  # fmt: skip
BASH_COMPOUNDS = [
    "time { %s\n}", "time -p ( %s\n)", "((1 < 2)) && { %s\n}", "for ((i=0; i<2; i++)); do %s\ndone",
    "if [[ a =~ ^(a|b)$ && ! b < a ]]; then %s\nfi", "function @f { %s\n}; @f",
    "function @f() ( %s\n)\n@f",
    "case a in a) %s\n;;& b) ;; esac", "{ %s\n} |& cat", "{ %s\n} &>/dev/null",
]  # fmt: skip


@st.composite
def simple_commands(draw: st.DrawFn, *, bash: bool) -> str:
    words = PLAIN_WORDS + EXPANDED_WORDS + (BASH_WORDS if bash else [])
    redirections = REDIRECTIONS + (BASH_REDIRECTIONS if bash else [])
    prefix = draw(st.sampled_from(PREFIXES + (BASH_PREFIXES if bash else [])))
    parts = draw(
        st.lists(
            st.one_of(
                st.sampled_from([f" {word}" for word in words]),
                st.sampled_from(redirections),
                st.sampled_from(["  ", "\t", " \\\n"]),
            ),
            max_size=5,
        )
    )
    ending = draw(st.sampled_from(["", "", " &>/dev/null", "&>/dev/null"])) if bash else ""
    return f"{prefix}record @{''.join(parts)}{ending}"


@st.composite
def lists(draw: st.DrawFn, commands: st.SearchStrategy[str]) -> str:
    text = draw(commands)
    for following in draw(st.lists(commands, max_size=3)):
        text += draw(st.sampled_from(SEPARATORS)) + following
    return text


@st.composite
def compounds(draw: st.DrawFn, inner: st.SearchStrategy[str], *, bash: bool) -> str:
    template = draw(st.sampled_from(COMPOUNDS + (BASH_COMPOUNDS if bash else [])))
    # An "exec" takes a program, and cannot stand before a compound or behind an assignment.
    if "exec %s" in template:
        return template % "record @ a"
    bodies = tuple(draw(lists(inner)) for _ in range(template.count("%s")))
    # By their lengths no function has the name of one around it, which would call itself for ever.
    return template.replace("@f", f"f{sum(map(len, bodies))}") % bodies


@st.composite
def programs(draw: st.DrawFn, *, bash: bool) -> str:
    commands = st.recursive(
        simple_commands(bash=bash), lambda inner: compounds(inner, bash=bash), max_leaves=8
    )
    first, *rest = draw(lists(commands)).split("record @")
    return first + "".join(f"record n{number}{part}" for number, part in enumerate(rest, 100))


# Pieces of programs in no order.
SOUP = st.lists(
    st.sampled_from(
        PLAIN_WORDS + EXPANDED_WORDS + BASH_WORDS + REDIRECTIONS + BASH_REDIRECTIONS + SEPARATORS
        + ["(", ")", "{", "}", "((", "))", "[[", "]]", "if", "then", "elif", "else", "fi", "while",
           "do", "done", "for", "in", "case", "esac", "function", "f()", "time", "!", ";;", ";&",
           "$(", "`", "${", "'", '"', "\\", "\\\n", "#", "&>", "<(", "$'", "a=(", " ", " ", "\n"]
    ),
    max_size=25,
).map("".join)  # fmt: skip
