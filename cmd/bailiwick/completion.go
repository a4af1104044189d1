package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCmd struct {
	Shell string `arg:"" help:"The shell: ${enum}." enum:"bash,zsh,fish"`
}

// Run prints the completion script for one shell, made from the command line's own model.
func (c *completionCmd) Run(k *kong.Context) error {
	verbs := collectVerbs(k.Model.Node, "")
	switch c.Shell {
	case "fish":
		return writeFish(os.Stdout, verbs)
	case "zsh":
		return writeBash(os.Stdout, verbs, "autoload -U +X bashcompinit && bashcompinit\n")
	default:
		return writeBash(os.Stdout, verbs, "")
	}
}

// verb is one command with what may follow it: verbs below it or the values of its
// argument, and flags.
type verb struct {
	path     string
	children []string
	flags    []string
}

func collectVerbs(n *kong.Node, path string) []verb {
	v := verb{path: path}
	for _, group := range n.AllFlags(true) {
		for _, f := range group {
			v.flags = append(v.flags, "--"+f.Name)
		}
	}
	for _, argument := range n.Positional {
		if argument.Enum != "" {
			v.children = append(v.children, strings.Split(argument.Enum, ",")...)
		}
	}
	verbs := []verb{v}
	for _, child := range n.Children {
		if child.Type != kong.CommandNode || child.Hidden {
			continue
		}
		verbs[0].children = append(verbs[0].children, child.Name)
		verbs = append(verbs, collectVerbs(child, strings.TrimSpace(path+" "+child.Name))...)
	}
	return verbs
}

func writeBash(w io.Writer, verbs []verb, head string) error {
	var b strings.Builder
	b.WriteString(head)
	b.WriteString("_bailiwick() {\n  local cur=\"${COMP_WORDS[COMP_CWORD]}\" verb=\"\" word\n")
	b.WriteString("  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n    [[ $word == -* ]] || verb=\"${verb:+$verb }$word\"\n  done\n")
	b.WriteString("  case \"$verb\" in\n")
	// The longest paths first: a case takes its first match, and a flag's value may follow.
	ordered := slices.Clone(verbs)
	slices.SortFunc(ordered, func(a, b verb) int { return strings.Compare(b.path, a.path) })
	for _, v := range ordered {
		pattern := "\"" + v.path + "\"*"
		if v.path == "" {
			pattern = "*"
		}
		words := append(slices.Clone(v.children), v.flags...)
		fmt.Fprintf(&b, "    %s) COMPREPLY=($(compgen -W %q -- \"$cur\")) ;;\n", pattern, strings.Join(words, " "))
	}
	b.WriteString("  esac\n  [[ ${#COMPREPLY[@]} -gt 0 ]] || COMPREPLY=($(compgen -f -- \"$cur\"))\n}\ncomplete -F _bailiwick bailiwick\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func writeFish(w io.Writer, verbs []verb) error {
	var b strings.Builder
	for _, v := range verbs {
		condition := "__fish_use_subcommand"
		if v.path != "" {
			condition = "__fish_seen_subcommand_from " + strings.Fields(v.path)[0]
		}
		for _, child := range v.children {
			fmt.Fprintf(&b, "complete -c bailiwick -f -n '%s' -a %s\n", condition, child)
		}
		for _, flag := range v.flags {
			fmt.Fprintf(&b, "complete -c bailiwick -n '%s' -l %s\n", condition, strings.TrimPrefix(flag, "--"))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
