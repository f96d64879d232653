// Answers questions about values as the libraries of the clusters do. Standard input holds a line of JSON a question: `ask`, and
// the texts `a` and `b`; the answer is a line of JSON.
//
//	quantity   a as a Kubernetes quantity: its exact decimal text, and how it stands to b
//	image      a as an image reference: name, tag, digest
//	pattern    whether the RE2 pattern a is found in b
//	duration   a as nanoseconds
//	cidr       whether the network a holds the address or network b
package main

import (
	"bufio"
	_ "crypto/sha256" // digests in image references
	_ "crypto/sha512"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"regexp"
	"time"

	"github.com/distribution/reference"
	"k8s.io/apimachinery/pkg/api/resource"
)

type question struct {
	Ask string `json:"ask"`
	A   string `json:"a"`
	B   string `json:"b"`
}

type answer struct {
	Error  string `json:"error,omitempty"`
	Text   string `json:"text,omitempty"`
	Order  *int   `json:"order,omitempty"`
	Name   string `json:"name,omitempty"`
	Tag    string `json:"tag,omitempty"`
	Digest string `json:"digest,omitempty"`
	Holds  *bool  `json:"holds,omitempty"`
}

func failed(err error) answer { return answer{Error: err.Error()} }

func ask(q question) answer {
	switch q.Ask {
	case "quantity":
		a, err := resource.ParseQuantity(q.A)
		if err != nil {
			return failed(err)
		}
		result := answer{Text: a.AsDec().String()}
		if b, err := resource.ParseQuantity(q.B); err == nil {
			order := a.Cmp(b)
			result.Order = &order
		}
		return result
	case "image":
		named, err := reference.ParseNormalizedNamed(q.A)
		if err != nil {
			return failed(err)
		}
		result := answer{Name: named.Name()}
		if tagged, ok := named.(reference.Tagged); ok {
			result.Tag = tagged.Tag()
		}
		if digested, ok := named.(reference.Digested); ok {
			result.Digest = digested.Digest().String()
		}
		return result
	case "pattern":
		pattern, err := regexp.Compile(q.A)
		if err != nil {
			return failed(err)
		}
		holds := pattern.MatchString(q.B)
		return answer{Holds: &holds}
	case "duration":
		duration, err := time.ParseDuration(q.A)
		if err != nil {
			return failed(err)
		}
		return answer{Text: fmt.Sprint(duration.Nanoseconds())}
	case "cidr":
		network, err := netip.ParsePrefix(q.A)
		if err != nil {
			return failed(err)
		}
		holds := false
		if other, err := netip.ParsePrefix(q.B); err == nil {
			holds = network.Bits() <= other.Bits() && network.Contains(other.Addr())
		} else if address, err := netip.ParseAddr(q.B); err == nil {
			holds = network.Contains(address)
		} else {
			return failed(err)
		}
		return answer{Holds: &holds}
	}
	return answer{Error: "no such question"}
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), 64<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	for in.Scan() {
		var q question
		if err := json.Unmarshal(in.Bytes(), &q); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		if err := encoder.Encode(ask(q)); err != nil {
			os.Exit(2)
		}
	}
}
