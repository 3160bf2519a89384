package main

import (
	"encoding/json"
	"testing"
)

func podOf(image, limit string, args ...string) pod {
	var c container
	c.Name, c.Image, c.Args, c.Resources.Limits.Memory = "redis", image, args, limit
	var p pod
	p.Spec.Containers = []container{c}
	return p
}

func TestMutate(t *testing.T) {
	whole := `[{"op":"add","path":"/spec/containers/0/args","value":` +
		`["redis-server","--maxmemory","419430400","--maxmemory-policy","allkeys-lru"]},` +
		`{"op":"add","path":"/metadata/annotations","value":` +
		`{"lean-go-webhook/maxmemory":"redis=419430400"}}]`
	for _, try := range []struct {
		name    string
		pod     pod
		allowed bool
		patch   string
	}{
		{"the image's own start", podOf("redis:7", "512Mi"), true, whole},
		{"as many bytes", podOf("docker.io/library/redis@sha256:0", "536870912"), true, whole},
		{"its own patch", podOf("redis:7", "512Mi", "redis-server", "--maxmemory", "419430400"), true, ""},
		{"another program", podOf("redis:7", "", "redis-cli"), true, ""},
		{"another image", podOf("example.com/redis-exporter:1", ""), true, ""},
		{"no limit", podOf("redis:7", ""), false, ""},
	} {
		got := mutate(try.pod)
		if got.Allowed != try.allowed || string(got.Patch) != try.patch {
			t.Errorf("%s: %t %s", try.name, got.Allowed, got.Patch)
		}
	}
}

func TestOptionsAreAppended(t *testing.T) {
	p := podOf("redis:7", "512Mi", "--hz", "20")
	p.Metadata.Annotations = map[string]string{"a": "b"}
	var patch []operation
	if err := json.Unmarshal(mutate(p).Patch, &patch); err != nil {
		t.Fatal(err)
	}
	if len(patch) != 5 || patch[0].Path != "/spec/containers/0/args/-" ||
		patch[4].Path != "/metadata/annotations/lean-go-webhook~1maxmemory" {
		t.Error(patch)
	}
}

func TestValidate(t *testing.T) {
	for maxmemory, allowed := range map[string]bool{"536870911": true, "536870912": false, "0": false, "1gb": false} {
		if got := validate(podOf("redis:7", "512Mi", "--maxmemory", maxmemory)); got.Allowed != allowed {
			t.Errorf("%s: %t", maxmemory, got.Allowed)
		}
	}
	if validate(podOf("redis:7", "512Mi")).Allowed {
		t.Error("no ceiling")
	}
}
