// Go's own HTTP client, which trusts a world's root and nothing else.
//
//	goclient ask ROOTS.pem URL [TYPE BODY [ANSWER]]
//
// net/http over TLS: GET, or POST if there is a body; prints the version, the status and the type.
package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Println("FAIL:", err)
		os.Exit(1)
	}
	return value
}

func pool(file string) *x509.CertPool {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(must(os.ReadFile(file))) {
		fmt.Println("FAIL: no certificate in", file)
		os.Exit(1)
	}
	return pool
}

func ask(roots, url string, more []string) {
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool(roots)}}, Timeout: 30 * time.Second}
	var answer *http.Response
	if len(more) == 0 {
		answer = must(client.Get(url))
	} else {
		answer = must(client.Post(url, more[0], bytes.NewReader(must(os.ReadFile(more[1])))))
	}
	body := must(io.ReadAll(answer.Body))
	if len(more) > 2 {
		must(0, os.WriteFile(more[2], body, 0o600))
	}
	fmt.Printf("%s, %d, %s\n", tls.VersionName(answer.TLS.Version), answer.StatusCode, answer.Header.Get("Content-Type"))
}

func main() {
	if words := os.Args[1:]; len(words) >= 3 && words[0] == "ask" {
		ask(words[1], words[2], words[3:])
		return
	}
	fmt.Println("usage: goclient ask ROOTS URL [TYPE BODY [ANSWER]]")
	os.Exit(2)
}
