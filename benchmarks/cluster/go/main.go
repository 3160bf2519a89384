// The yardstick: what a webhook for plain redis images costs at least, in Go with nothing but the
// standard library. It decodes only the fields that it looks at, and logs and counts nothing.
package main

import (
	"encoding/json"
	"flag"
	"log"
	"net/http"
	"time"
)

const largestReview = 3 << 20

func main() {
	certificate := flag.String("cert", "/tls/tls.crt", "serving certificate")
	key := flag.String("key", "/tls/tls.key", "its key")
	flag.Parse()

	go func() { log.Fatal(server(":8080", probes()).ListenAndServe()) }()
	log.Fatal(server(":8443", webhooks()).ListenAndServeTLS(*certificate, *key))
}

func webhooks() *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("POST /mutate", answering(mutate))
	mux.Handle("POST /validate", answering(validate))
	return mux
}

func probes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /readyz", func(http.ResponseWriter, *http.Request) {})
	return mux
}

func server(address string, handler http.Handler) *http.Server {
	return &http.Server{
		Addr:              address,
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       10 * time.Second,
		IdleTimeout:       120 * time.Second, // kube-apiserver closes first, after 90
	}
}

func answering(judge func(pod) response) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var asked review
		body := http.MaxBytesReader(w, r.Body, largestReview)
		if err := json.NewDecoder(body).Decode(&asked); err != nil || asked.Request == nil {
			http.Error(w, "expected an AdmissionReview", http.StatusBadRequest)
			return
		}
		answer := judge(asked.Request.Object)
		answer.UID = asked.Request.UID
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(review{
			APIVersion: "admission.k8s.io/v1",
			Kind:       "AdmissionReview",
			Response:   &answer,
		})
	}
}
