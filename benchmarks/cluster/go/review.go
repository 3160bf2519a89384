package main

import "encoding/json"

// review is an AdmissionReview, as much of it as is looked at.
type review struct {
	APIVersion string    `json:"apiVersion"`
	Kind       string    `json:"kind"`
	Request    *request  `json:"request,omitempty"`
	Response   *response `json:"response,omitempty"`
}

type request struct {
	UID    string `json:"uid"`
	Object pod    `json:"object"`
}

type response struct {
	UID       string  `json:"uid"`
	Allowed   bool    `json:"allowed"`
	Status    *status `json:"status,omitempty"`
	PatchType string  `json:"patchType,omitempty"`
	Patch     []byte  `json:"patch,omitempty"` // in base64, as JSON has all bytes in Go
}

type status struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

type pod struct {
	Metadata struct {
		Annotations map[string]string `json:"annotations"`
	} `json:"metadata"`
	Spec struct {
		Containers []container `json:"containers"`
	} `json:"spec"`
}

type container struct {
	Name      string   `json:"name"`
	Image     string   `json:"image"`
	Command   []string `json:"command"`
	Args      []string `json:"args"`
	Resources struct {
		Limits struct {
			Memory string `json:"memory"`
		} `json:"limits"`
	} `json:"resources"`
}

// operation is one of a JSON Patch.
type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value"`
}

func allowed() response {
	return response{Allowed: true}
}

func patched(patch []operation) response {
	encoded, err := json.Marshal(patch)
	if err != nil {
		panic(err) // strings and lists of strings
	}
	return response{Allowed: true, PatchType: "JSONPatch", Patch: encoded}
}

func denied(message string) response {
	return response{Status: &status{Code: 403, Message: message}}
}
