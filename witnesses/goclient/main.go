// Go's own libraries, which trust a world's roots and nothing else.
//
//	goclient TIME ask ROOTS.pem URL [TYPE BODY [ANSWER]]
//	goclient TIME path ROOTS.pem OTHERS.pem LEAF.pem
//
// TIME (RFC 3339) is the present: a program of Go asks the kernel, which libfaketime does not change.
//
// ask: net/http over TLS, GET, or POST if there is a body; prints the version, the status and the type.
//
// path: crypto/x509 looks for all paths, and prints each with what CRLs say of it, since Go asks for no revocation by itself. The CRLs
// are fetched from the addresses in the certificates, and each must be signed by the certificate's issuer in that path.
package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"os"
	"sort"
	"strings"
	"time"
)

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Println("FAIL:", err)
		os.Exit(1)
	}
	return value
}

// The present is that far ahead of the kernel's: whole hours, since what is told above that is the time this program took to start.
// With it, a list that a server makes now could be of a second that has not begun here.
var ahead time.Duration

func now() time.Time {
	return time.Now().Add(ahead)
}

func certificates(file string) []*x509.Certificate {
	rest, found := must(os.ReadFile(file)), []*x509.Certificate{}
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return found
		}
		found = append(found, must(x509.ParseCertificate(block.Bytes)))
	}
}

func pool(file string) *x509.CertPool {
	pool := x509.NewCertPool()
	for _, one := range certificates(file) {
		pool.AddCert(one)
	}
	return pool
}

func ask(roots, url string, more []string) {
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool(roots), Time: now}}, Timeout: 30 * time.Second}
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

// What the CRL at the certificate's address says of it.
func status(one, issuer *x509.Certificate) string {
	if len(one.CRLDistributionPoints) == 0 {
		return "names no CRL"
	}
	answer := must(http.Get(one.CRLDistributionPoints[0]))
	defer answer.Body.Close()
	list := must(x509.ParseRevocationList(must(io.ReadAll(answer.Body))))
	if err := list.CheckSignatureFrom(issuer); err != nil {
		return err.Error()
	}
	if at := now(); at.Before(list.ThisUpdate) || at.After(list.NextUpdate) {
		return "has a CRL of another time"
	}
	for _, entry := range list.RevokedCertificateEntries {
		if entry.SerialNumber.Cmp(one.SerialNumber) == 0 {
			return "is revoked"
		}
	}
	return "good"
}

func path(roots, others, leaf string) {
	options := x509.VerifyOptions{CurrentTime: now(), Roots: pool(roots), Intermediates: pool(others), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}
	lines := []string{}
	for _, chain := range must(certificates(leaf)[0].Verify(options)) {
		names, verdict := []string{}, "good"
		for at, one := range chain {
			names = append(names, one.Subject.CommonName)
			if at+1 == len(chain) {
				break
			}
			if said := status(one, chain[at+1]); said != "good" {
				verdict = one.Subject.CommonName + " " + said
			}
		}
		lines = append(lines, strings.Join(names, " < ")+": "+verdict)
	}
	sort.Strings(lines)
	fmt.Println(strings.Join(lines, "\n"))
}

func main() {
	words := os.Args[1:]
	if len(words) > 0 {
		ahead = time.Until(must(time.Parse(time.RFC3339, words[0]))).Round(time.Hour)
	}
	switch {
	case len(words) >= 4 && words[1] == "ask":
		ask(words[2], words[3], words[4:])
	case len(words) == 5 && words[1] == "path":
		path(words[2], words[3], words[4])
	default:
		fmt.Println("usage: goclient TIME ask ROOTS URL [TYPE BODY [ANSWER]] | goclient TIME path ROOTS OTHERS LEAF")
		os.Exit(2)
	}
}
