package main

import (
	"fmt"
	"strconv"
	"strings"
)

const annotation = "lean-go-webhook/maxmemory"

// mutate gives each redis server 13/16 of its memory limit less 16Mi, and denies one without a limit.
func mutate(p pod) response {
	var patch []operation
	var record []string
	for index, c := range p.Spec.Containers {
		if !c.runsRedis() {
			continue
		}
		limit, ok := parseBytes(c.Resources.Limits.Memory)
		if !ok {
			return denied(fmt.Sprintf("container %q: set resources.limits.memory", c.Name))
		}
		if _, found := c.ceiling(); found {
			continue
		}
		maxmemory := strconv.FormatInt(limit/16*13-16<<20, 10)
		options := []string{"--maxmemory", maxmemory, "--maxmemory-policy", "allkeys-lru"}
		patch = append(patch, appendArgs(index, c, options)...)
		record = append(record, c.Name+"="+maxmemory)
	}
	if patch == nil {
		return allowed()
	}
	return patched(append(patch, annotate(p, strings.Join(record, ","))...))
}

// validate denies a redis server whose ceiling is missing or not below its memory limit.
func validate(p pod) response {
	for _, c := range p.Spec.Containers {
		if !c.runsRedis() {
			continue
		}
		limit, limited := parseBytes(c.Resources.Limits.Memory)
		maxmemory, found := c.ceiling()
		if !limited || !found || maxmemory <= 0 || maxmemory >= limit {
			return denied(fmt.Sprintf("container %q: no maxmemory below its memory limit", c.Name))
		}
	}
	return allowed()
}

// runsRedis tells an official image whose entrypoint is left to start the server.
func (c container) runsRedis() bool {
	name := strings.TrimPrefix(c.Image, "docker.io/")
	name = strings.TrimPrefix(name, "library/")
	name, _, _ = strings.Cut(name, "@")
	name, _, _ = strings.Cut(name, ":")
	if name != "redis" || len(c.Command) > 0 {
		return false
	}
	if len(c.Args) == 0 {
		return true
	}
	first := c.Args[0]
	return first == "redis-server" || strings.HasPrefix(first, "-") || strings.HasSuffix(first, ".conf")
}

// ceiling is the last --maxmemory among the args.
func (c container) ceiling() (int64, bool) {
	for index := len(c.Args) - 2; index >= 0; index-- {
		if c.Args[index] == "--maxmemory" {
			return parseBytes(c.Args[index+1])
		}
	}
	return 0, false
}

func appendArgs(index int, c container, options []string) []operation {
	path := fmt.Sprintf("/spec/containers/%d/args", index)
	if len(c.Args) == 0 {
		return []operation{{Op: "add", Path: path, Value: append([]string{"redis-server"}, options...)}}
	}
	var patch []operation
	for _, option := range options {
		patch = append(patch, operation{Op: "add", Path: path + "/-", Value: option})
	}
	return patch
}

func annotate(p pod, record string) []operation {
	if p.Metadata.Annotations == nil {
		value := map[string]string{annotation: record}
		return []operation{{Op: "add", Path: "/metadata/annotations", Value: value}}
	}
	path := "/metadata/annotations/" + strings.ReplaceAll(annotation, "/", "~1")
	return []operation{{Op: "add", Path: path, Value: record}}
}

var units = []struct {
	suffix string
	bytes  int64
}{
	{"Ki", 1 << 10}, {"Mi", 1 << 20}, {"Gi", 1 << 30}, {"Ti", 1 << 40},
	{"k", 1e3}, {"M", 1e6}, {"G", 1e9}, {"T", 1e12}, {"", 1},
}

// parseBytes reads a whole quantity such as 512Mi, as the API server writes most memory limits.
func parseBytes(text string) (int64, bool) {
	for _, unit := range units {
		if digits, ok := strings.CutSuffix(text, unit.suffix); ok {
			number, err := strconv.ParseInt(digits, 10, 64)
			return number * unit.bytes, err == nil
		}
	}
	return 0, false
}
