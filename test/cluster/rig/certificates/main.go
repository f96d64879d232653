// Makes the keys and certificates of a cluster on the loopback address in the folder that it is given.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

type pair struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func main() {
	folder := os.Args[1]
	ca := issue(folder, "ca", nil, &x509.Certificate{
		Subject:               pkix.Name{CommonName: "ca"},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	})
	issue(folder, "tls", ca, &x509.Certificate{
		Subject:     pkix.Name{CommonName: "server"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		DNSNames:    []string{"localhost", "kubernetes.default.svc"},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	issue(folder, "admin", ca, &x509.Certificate{
		Subject:     pkix.Name{CommonName: "admin", Organization: []string{"system:masters"}},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	// the key that service account tokens are signed with
	accounts := key()
	writeKey(folder, "accounts", accounts)
	public, err := x509.MarshalPKIXPublicKey(&accounts.PublicKey)
	must(err)
	write(folder, "accounts.pub", "PUBLIC KEY", public)
}

// issue signs a certificate with the authority's key, or with its own where there is no authority.
func issue(folder, name string, authority *pair, template *x509.Certificate) *pair {
	made := &pair{certificate: template, key: key()}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	must(err)
	template.SerialNumber = serial
	template.NotBefore = time.Now().Add(-time.Hour)
	template.NotAfter = time.Now().Add(24 * time.Hour)
	if authority == nil {
		authority = made
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, authority.certificate, &made.key.PublicKey, authority.key)
	must(err)
	write(folder, name+".crt", "CERTIFICATE", signed)
	writeKey(folder, name, made.key)
	return made
}

func key() *ecdsa.PrivateKey {
	made, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	return made
}

func writeKey(folder, name string, key *ecdsa.PrivateKey) {
	bytes, err := x509.MarshalECPrivateKey(key)
	must(err)
	write(folder, name+".key", "EC PRIVATE KEY", bytes)
}

func write(folder, name, kind string, bytes []byte) {
	text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes})
	must(os.WriteFile(filepath.Join(folder, name), text, 0o600))
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
