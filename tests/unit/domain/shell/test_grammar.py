import re
import sys

import pytest

from webhook.domain.shell import SimpleCommand, Unscannable, Word, scan


def values(text: str) -> list[list[str | None]]:
    return [[word.value for word in command.words] for command in scan(text)]


def raws(text: str) -> list[list[str]]:
    return [[word.raw for word in command.words] for command in scan(text)]


def with_words_added(text: str) -> str:
    """The text with X as last word of each command that runs redis-server."""
    ends = [
        command.end
        for command in scan(text)
        if any(word.value == "redis-server" for word in command.words)
    ]
    for end in reversed(ends):
        text = f"{text[:end]} X{text[end:]}"
    return text


def test_a_command_with_all_its_parts() -> None:
    text = 'A=1 redis-server "/a b" $X >log &'

    commands = scan(text)

    assert commands == (
        SimpleCommand(
            words=(
                Word(raw="redis-server", value="redis-server", start=4, end=16),
                Word(raw='"/a b"', value="/a b", start=17, end=23),
                Word(raw="$X", value=None, start=24, end=26),
            ),
            assignments=(Word(raw="A=1", value="A=1", start=0, end=3),),
            background=True,
            end=26,
        ),
    )


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("", []),
        (" \t\n # nothing", []),
        ("a b", [["a", "b"]]),
        ("a;b", [["a"], ["b"]]),
        ("a;\n\n;b", [["a"], ["b"]]),
        ("a && b || c", [["a"], ["b"], ["c"]]),
        ("a &&\n b |\n c |& d", [["a"], ["b"], ["c"], ["d"]]),
        ("a & b &", [["a"], ["b"]]),
        ("! a | ! b", [["a"], ["b"]]),
        ("(a; (b))", [["a"], ["b"]]),
        ("(a)&&( b )", [["a"], ["b"]]),
        ("{ a; { b; }; } >f 2>&1", [["a"], ["b"]]),
        ("{(a)}", [["a"]]),
        ("{}", [["{}"]]),
        ("echo { } if fi ! [[ ]]", [["echo", "{", "}", "if", "fi", "!", None, "]]"]]),
        ("if a; then b; fi", [["a"], ["b"]]),
        ("if a\nthen b\nelif c; then d\nelif e; then f; else g; fi", [[c] for c in "abcdefg"]),
        ("if a; then if b; then c; fi; fi &", [["a"], ["b"], ["c"]]),
        ("if a; then\\\n b; fi\\\n", [["a"], ["b"]]),
        ("'if' a", [["if", "a"]]),
        ("while a; do b; done <f", [["a"], ["b"]]),
        ("until a; do b; done 10<f {fd}>g", [["a"], ["b"]]),
        ("while a; do b; done < <(c)", [["a"], ["b"]]),
        ("for x in a b; do c; done", [["c"]]),
        ("for x in a b\ndo c; done", [["c"]]),
        ("for x in; do c; done", [["c"]]),
        ("for x do c; done", [["c"]]),
        ("for x; do c; done", [["c"]]),
        ("for x # all\n in a\\\n b # these\n do c; done", [["c"]]),
        ("for x in a; { c; }", [["c"]]),
        ("for ((i = 0; i < 3; i++)); do c; done", [["c"]]),
        ("for ((;;)) { c; }", [["c"]]),
        ("select x in a b; do c; done", [["c"]]),
        ("case x in esac", []),
        ("case $x in\n a|b) c;; (d) e\n;; *) f; esac; g", [["c"], ["e"], ["f"], ["g"]]),
        ("case x in a) ;& b) c ;;& d) esac", [["c"]]),
        ('case "$1" in # which\n [Yy]*) a # one\n ;; # two\n esac', [["a"]]),
        ("case x\nin\na )b;;esac >f", [["b"]]),
        ("case x in a | b ) c;; esac", [["c"]]),
        ("f() { a; }; f", [["a"], ["f"]]),
        ("f ( )\n{ a; }", [["a"]]),
        ("f() (a)", [["a"]]),
        ("function f { a; }; b", [["a"], ["b"]]),
        ("function f() { a; }", [["a"]]),
        ("time a", [["time", "a"]]),
        ("time -p a", [["time", "-p", "a"]]),
        ("time (a)", [["a"]]),
        ("time -p { a; }", [["a"]]),
        ("time if a; then b; fi", [["a"], ["b"]]),
        ("time iffy", [["time", "iffy"]]),
        ("[ -f x ] && a", [["[", "-f", "x", "]"], ["a"]]),
        ("[[ -n $x && ( $y < z || ! $z == 'a b' ) ]] && a", [["a"]]),
        ("if [[ $x =~ ^(a|b)[[:space:]]+$ ]]; then a; fi", [["a"]]),
        ("[[ a\n== a ]] >f; b", [["b"]]),
        ("[[ $1 == redis-server ]]", []),
        ("((x = (1 + 2) << 1)) && a", [["a"]]),
        ("( (a) )", [["a"]]),
        ("a # b; c\nd", [["a"], ["d"]]),
        ("a#b #c", [["a#b"]]),
        ("a;#c", [["a"]]),
        ("(a)#c\nb", [["a"], ["b"]]),
        ("a \\\n b\\\nc \\\n#d", [["a", "bc"]]),
        (">f", []),
        (">f a 2>&1 b <&- c >|d <>e >>f 1>&2", [["a", "b", "c"]]),
        ("a &>f; b &>>f", [["a"], ["b"]]),
        ("a&>f", [["a"]]),
        ("a &>f 2>&1 &", [["a"]]),
        ("a <<< b c", [["a", "c"]]),
        ("a <f>g", [["a"]]),
        ("a 1 2 >f", [["a", "1", "2"]]),
        ("a 2>f", [["a"]]),
        ("a '2'>f", [["a", "2"]]),
        ("a 10>f {fd}>g", [["a", None, None]]),
        ("a <(b) >(c)d", [["a", None, None]]),
        ("a=1 b=2 c d=3", [["c", "d=3"]]),
        ("a=1", [[]]),
        ("a=(1 2) b+=(3 # no\n 4) c[0]=5 d", [["d"]]),
        ("declare -a x=(1 '2 3') y", [["declare", "-a", None, "y"]]),
        ("1a=2 b", [["1a=2", "b"]]),
        ("a\r\nb", [["a\r"], ["b"]]),
        ("a\u00a0b\vc", [["a\u00a0b\vc"]]),
        (". ./env; source env", [[".", "./env"], ["source", "env"]]),
    ],
)
def test_commands_in_order(text: str, commands: list[list[str | None]]) -> None:
    assert values(text) == commands


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("a", "a"),
        ("'a b'", "a b"),
        ("'a\\'", "a\\"),
        ("''", ""),
        ('""', ""),
        ("\"a 'b'\"", "a 'b'"),
        (r'"a\"\\\$\`\n"', 'a"\\$`\\n'),
        ('"a\\\nb"', "ab"),
        ("a\\\nb", "ab"),
        (r"a\ b\'\"\$\*", "a b'\"$*"),
        ("a'b'\"c\"d", "abcd"),
        ("a=b", "a=b"),
        ("$", "$"),
        ("a$", "a$"),
        ('"$"', "$"),
        ('"a$ b"', "a$ b"),
        ("$/", "$/"),
        ("{}", "{}"),
        ("{", "{"),
        ("[", "["),
        ("]", "]"),
        ("'*'", "*"),
        ('"~"', "~"),
        ("a~b", "a~b"),
        ("@%+,-./:^_!", "@%+,-./:^_!"),
        ("$x", None),
        ("$1", None),
        ("$@", None),
        ('"$@"', None),
        ("$$", None),
        ("$?", None),
        ("$!", None),
        ("${x}", None),
        ("${x:-a b}", None),
        ("${x:-'}'}", None),
        ('${x:-"}"}', None),
        ("${x:-\\}}", None),
        ("${x:-${y:-$(a)}}", None),
        ("${x:-{a}", None),
        ("${x:-`a`}", None),
        ('"${x:-it\'s}"', None),
        ('"${x:-"a b"}"', None),
        ("\"${x#'}'}\"", None),
        ('"${x[0]:-\'}"', None),
        ("${x[$i]}", None),
        ("${#x}", None),
        ("${!x}", None),
        ("${#}", None),
        ("$(a b)", None),
        ("$(a ')' \")\" \\) # )\n)", None),
        ("$(case x in a) b;; (c) d;; esac)", None),
        ("$(a $(b `c`))", None),
        ("$(eval a)", None),
        ('"$(a "b c")"', None),
        ("`a`", None),
        ("`a \\`b\\` c`", None),
        ('"`a "b"`"', None),
        ("$((1 + (2 * 3)))", None),
        ("$(($x + ${y} + $(a) + `b` \\\n))", None),
        ("$'a\\'b'", None),
        ('$"a"', None),
        ('"$\'"', "$'"),
        ("<(a)", None),
        ("a>(b)c", None),
        ("*.conf", None),
        ("a?", None),
        ("[ab]", None),
        ("{a,b}", None),
        ("a{1..3}", None),
        ("~", None),
        ("~redis/x", None),
        ("a=~/x", None),
        ("--dir=~", None),
        ("a\ue000b", None),
        ("'\ue000'", None),
        ('"\ue000"', None),
        ("\\\ue000", None),
    ],
)
def test_value_of_a_word(word: str, value: str | None) -> None:
    (command,) = scan(f"echo {word} end")

    assert [(found.raw, found.value) for found in command.words] == [
        ("echo", "echo"),
        (word, value),
        ("end", "end"),
    ]


@pytest.mark.parametrize(
    ("text", "background"),
    [
        ("a", [False]),
        ("a &", [True]),
        ("a & b", [True, False]),
        ("a; b &", [False, True]),
        ("a\nb &", [False, True]),
        ("a && b &", [True, True]),
        ("a &&\nb &", [True, True]),
        ("a | b & c", [True, True, False]),
        ("(a; b) & c", [True, True, False]),
        ("a; { b; c & d; } & e", [False, True, True, True, False]),
        ("{ a & b; }", [True, False]),
        ("if a; then b; fi & c", [True, True, False]),
        ("f() { a; } & b", [True, False]),
        ("a &>f", [False]),
        ("a $(b &)", [False]),
        ("a && b", [False, False]),
    ],
)
def test_background(text: str, background: list[bool]) -> None:
    assert [command.background for command in scan(text)] == background


@pytest.mark.parametrize(
    ("text", "edited"),
    [
        ("redis-server", "redis-server X"),
        ("redis-server ", "redis-server X "),
        ("redis-server --port 1;", "redis-server --port 1 X;"),
        ("redis-server&", "redis-server X&"),
        ("redis-server & wait", "redis-server X & wait"),
        ("redis-server --port 1&&b", "redis-server --port 1 X&&b"),
        ("redis-server|tee f", "redis-server X|tee f"),
        ("(redis-server)", "(redis-server X)"),
        ("redis-server\nb", "redis-server X\nb"),
        ("redis-server # c", "redis-server X # c"),
        ("redis-server \\\n  --port 1 \\\n", "redis-server \\\n  --port 1 X \\\n"),
        ("redis-server\\\n --port 1", "redis-server\\\n --port 1 X"),
        ('exec redis-server "$@" 2>&1', 'exec redis-server "$@" X 2>&1'),
        ("redis-server >f --port 1", "redis-server >f --port 1 X"),
        ("redis-server 2>f >g", "redis-server X 2>f >g"),
        ("redis-server &>f", "redis-server X &>f"),
        ("redis-server&>f", "redis-server X&>f"),
        # A number before ">" would be a descriptor.
        ("redis-server>f", "redis-server>f X"),
        ("redis-server --port 1 <f>g&", "redis-server --port 1 X <f>g&"),
        ("redis-server>f<g 2>h", "redis-server>f<g X 2>h"),
        ("redis-server> f;", "redis-server> f X;"),
        ("redis-server --port 6379>f", "redis-server --port 6379>f X"),
        (
            "if a; then exec redis-server /b; else exec redis-server /c; fi",
            "if a; then exec redis-server /b X; else exec redis-server /c X; fi",
        ),
        (
            "case $H in r-0) redis-server /m;; *) redis-server /r;; esac",
            "case $H in r-0) redis-server /m X;; *) redis-server /r X;; esac",
        ),
        ("start() { redis-server; }; start", "start() { redis-server X; }; start"),
    ],
)
def test_end_is_where_words_can_be_added(text: str, edited: str) -> None:
    assert with_words_added(text) == edited


def test_end_of_assignments_alone_is_behind_the_last() -> None:
    (command,) = scan("a=1 b=2 >f")

    assert command.end == 7


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\0b", "a NUL character at offset 1"),
        ("a <<E\nb\nE\n", "a here-document at offset 2"),
        ("a 3<<-E", "a here-document at offset 2"),
        ("if a; then b; fi <<E", "a here-document at offset 17"),
        ("x $(cat <<E\nE\n)", "a here-document at offset 8"),
        ("builtin command alias a=b", "'alias' at offset 16"),
        ("a | alias b=c", "'alias' at offset 4"),
        ("coproc a", "an unexpected 'coproc' at offset 0"),
        ("a $(redis-server)", "redis-server inside '$(' at offset 4"),
        ('a "$(b $(/usr/bin/valkey-server --x))"', "valkey-server inside '$(' at offset 18"),
        ("a `keydb-server`", "keydb-server inside '`' at offset 3"),
        ("a <(redis-server)", "redis-server inside '<(' at offset 4"),
        ("((redis-server))", "redis-server inside '((' at offset 2"),
        ("a 'b", '"\'" without its end at offset 2'),
        ('a "b', "'\"' without its end at offset 2"),
        ("a `b", "'`' without its end at offset 2"),
        ("a $'b\\'", '"$\'" without its end at offset 2'),
        ("a $(b", "'$(' without its end at offset 2"),
        ("a ${b", "'${' without its end at offset 2"),
        ('a "${b:-"c}"', "'${' without its end at offset 3"),
        ("a $((b)", "'$((' that is not closed by '))' at offset 2"),
        ("a $((b", "'$((' without its end at offset 2"),
        ("a $((b\\", "an unexpected '\\\\' at offset 6"),
        ("((a) | b)", "'((' that is not closed by '))' at offset 0"),
        ("a $[1]", "the old arithmetic '$[' at offset 2"),
        ("a ${ b; }", "a command substitution in '${ …; }' at offset 2"),
        ("a ${|b; }", "a command substitution in '${ …; }' at offset 2"),
        ("(a", "'(' without its end at offset 0"),
        ("a)", "an unexpected ')' at offset 1"),
        ("a;; b", "an unexpected ';;' at offset 1"),
        ("a;& b", "an unexpected ';&' at offset 1"),
        ("{ a", "'{' without its end at offset 0"),
        ("a; }", "an unexpected '}' at offset 3"),
        ("(a; }", "an unexpected '}' at offset 4"),
        ("{ a; )", "an unexpected ')' at offset 5"),
        ("if a; then b", "'if' without its end at offset 0"),
        ("if a; then b; done", "an unexpected 'done' at offset 14"),
        ("fi", "an unexpected 'fi' at offset 0"),
        ("while a; done", "an unexpected 'done' at offset 9"),
        ("while a; do b", "'while' without its end at offset 0"),
        ("for", "an unexpected end of the text at offset 3"),
        ("for x in a", "a 'for' without 'do' at offset 0"),
        ("for x in a; b", "a 'for' without 'do' at offset 0"),
        ("for x in a; do b", "'for' without its end at offset 0"),
        ("case x", "a 'case' without 'in' at offset 0"),
        ("case x in", "an unexpected end of the text at offset 9"),
        ("case x in a", "an unexpected end of the text at offset 11"),
        ("case x in a; esac", "an unexpected ';' at offset 11"),
        ("case x in a) b", "'case' without its end at offset 0"),
        ("[[ a", "'[[' without its end at offset 0"),
        ("function", "an unexpected end of the text at offset 8"),
        ("a b()", "an unexpected '(' at offset 3"),
        ("a (b)", "an unexpected '(' at offset 2"),
        ("a=1 b() { c; }", "an unexpected '(' at offset 5"),
        (">f (a)", "an unexpected '(' at offset 3"),
        ("a=(b; c)", "an unexpected ';' at offset 4"),
        ("a=(b", "'(' without its end at offset 2"),
        ("a >", "an unexpected end of the text at offset 3"),
        ("a > ; b", "an unexpected ';' at offset 4"),
        ("a &>f b", "a word behind '&>' at offset 6"),
        ("a\\", "an unexpected '\\\\' at offset 1"),
        ('"\\', "an unexpected '\\\\' at offset 1"),
        ("a &\\\n& b", "an operator split over two lines at offset 2"),
        ("a <\\\n<E", "an operator split over two lines at offset 2"),
        ("a $\\\n(b)", "an operator split over two lines at offset 2"),
    ],
)
def test_refusal_says_what_and_where(text: str, message: str) -> None:
    with pytest.raises(Unscannable, match=f"^{re.escape(message)}$"):
        scan(text)


@pytest.mark.parametrize(
    "text",
    [
        "a $(cat /etc/redis-server.conf)",
        "a $(hostname -f redis-server-0)",
        "a $(redis-cli ping)",
        "a ${x:-redis-server}",
        "a $((redis-server))",
        "echo '$(redis-server)'",
    ],
)
def test_only_a_servers_own_name_in_a_substitution_is_refused(text: str) -> None:
    assert len(scan(text)) == 1


NESTING = [
    ("( ", "a", ")"),
    ("{ ", "a; ", "}; "),
    ("$(", "a", ")"),
    ('"$(', "a", ')"'),
    ("${x:-", "a", "}"),
    ('"${x:-', "a", '}"'),
    ("a=(", "a", ")"),
    ("if a; then ", "a", "; fi"),
    ("case x in a) ", "a", ";; esac"),
    ("while ", "a", "; do b; done"),
    ("for x in a; do ", "a", "; done"),
    ("f() { ", "a;", " }"),
    ("<(", "a", ")"),
]


@pytest.mark.parametrize(("opening", "inside", "closing"), NESTING)
def test_moderate_nesting_is_read(opening: str, inside: str, closing: str) -> None:
    text = f"echo; {opening * 15}{inside}{closing * 15}"

    assert scan(text)


@pytest.mark.parametrize(("opening", "inside", "closing"), NESTING)
def test_deep_nesting_is_refused(opening: str, inside: str, closing: str) -> None:
    text = f"{opening * 41}{inside}{closing * 41}"

    with pytest.raises(Unscannable, match=r"^more than 40 constructs inside one another at offset"):
        scan(text)


@pytest.mark.parametrize("opening", [opening for opening, _, _ in NESTING] + ["((", "$((", "("])
def test_fifty_thousand_openings_do_not_overflow(opening: str) -> None:
    with pytest.raises(Unscannable):
        scan(opening * 50_000)


def test_deepest_text_fits_the_stack_of_a_busy_server() -> None:
    frames_left = 450
    text = '"$(' * 20 + "a" + ')"' * 20

    def at_depth(depth: int) -> tuple[SimpleCommand, ...]:
        return at_depth(depth - 1) if depth else scan(text)

    depth_here = 0
    frame = sys._getframe()  # noqa: SLF001 - the depth of the stack is what this is about
    while frame.f_back is not None:
        frame, depth_here = frame.f_back, depth_here + 1
    assert len(at_depth(sys.getrecursionlimit() - depth_here - frames_left)) == 1


def test_raws_keep_quotes() -> None:
    assert raws("a 'b' \"c\"") == [["a", "'b'", '"c"']]
