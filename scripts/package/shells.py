"""What real shells make of what is typed, with the completions that the package installed."""

from report import require

CASES = [
    (shell, *case)
    for shell in ("bash", "zsh", "fish")
    for case in [
        ("lmcache-server --connect", []),
        ("lmcache-server --max-connections-per", ["--max-connections-per-address"]),
        ("lmcache-server --io u", ["uring"]),
        ("lmcache-server --io=ep", ["epoll"]),
        ("lmcache-server --disk-wait y", ["yes"]),
        ("lmcache-server --disk /usr/share/zs", ["/usr/share/zsh/"]),
        ("lmcache-server --config /etc/lmcache-server/lm", ["/etc/lmcache-server/lmcache-server.yaml"]),
        ("lmcache-server comp", ["completions"]),
        ("lmcache-server completions f", ["fish"]),
        ("lmcache-server disk --ver", ["--verify"]),
        ("lmcache-server disk /usr/share/zs", ["/usr/share/zsh/"]),
        ("lmcache-bench ses", ["session"]),
        ("lmcache-bench get --server-p", ["--server-pid"]),
        ("lmcache-bench exist-beside --bulk p", ["put"]),
    ]
]

BASH = """
. /usr/share/bash-completion/bash_completion
program=${1%% *}
_completion_loader "$program"
read -ra COMP_WORDS <<< "${1/=/ = }"
COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$1 COMP_POINT=${#1}
$(complete -p "$program" | sed 's/.*-F \\([^ ]*\\).*/\\1/') "$program"
for word in "${COMPREPLY[@]}"; do
  # readline does this for names of files.
  [[ $word == */* && -d $word ]] && word+=/
  echo "$word"
done
"""

# The line as it is after a Tab goes to a file, for what is on a terminal is for people.
ZSH = """
zmodload zsh/zpty
zpty z zsh -f -i
expect() { local line; while zpty -r z line; do [[ $line == *$1* ]] && return; done }
zpty -w z "PS1=; autoload -Uz compinit; compinit -u -d /run/zcompdump; setopt no_beep no_always_last_prompt"
zpty -w z 'keep() { print -r -- "$BUFFER" > /run/line.part; mv /run/line.part /run/line; BUFFER=; }; zle -N keep'
zpty -w z "bindkey '^X' keep; bindkey '^I' complete-word; print re''ady"
expect ready
zpty -n -w z "$1"$'\\t'$'\\C-x'
for ((i = 0; i < 200; ++i)); do [[ -f /run/line ]] && break; sleep 0.1; done
line=$(</run/line); rm -f /run/line
zpty -d z
print -r -- "$line"
"""


def complete(root, shell, typed):
    """What stands in the place of the last word, or the words offered for it."""
    if shell == "bash":
        return root.ask("bash", "-c", BASH, "bash", typed).split()
    if shell == "fish":
        said = root.ask("fish", "--no-config", "-c", f"source /usr/share/fish/vendor_completions.d/{typed.split()[0]}.fish;"
                        f" complete -C '{typed}'", accept=(0, 1))
        words = [line.split("\t")[0] for line in said.split("\n") if line]
        # fish offers the whole word, its beginning included.
        return [word.split("=")[-1] for word in words]
    line = root.ask("zsh", "-f", "-c", ZSH, "zsh", typed).rstrip("\n")
    require(line.startswith(typed), f"the line became {line!r}")
    if line == typed:
        return []
    # Behind an option zsh puts a = that goes when a space is typed.
    return [line.rstrip(" =").split(" ")[-1].split("=")[-1]]
