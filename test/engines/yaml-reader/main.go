// Answers how Kubernetes' own libraries read a text: one base64 text a line on standard input, one JSON answer a line on
// standard output. `document` (the default) reads one chunk, as sigs.k8s.io/yaml does; `stream` reads a whole file, as kubectl does.
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"
	sigsyaml "sigs.k8s.io/yaml"
)

// Values are JSON texts inside strings, so that no digit is lost on the way.
type answer struct {
	JSON      string   `json:"json,omitempty"`
	Strict    string   `json:"strict,omitempty"` // why strict reading refuses what lax reading takes
	Documents []string `json:"documents,omitempty"`
	Error     string   `json:"error,omitempty"`
}

func main() {
	read := readDocument
	if len(os.Args) > 1 && os.Args[1] == "stream" {
		read = readStream
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<28)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for lines.Scan() {
		text, err := base64.StdEncoding.DecodeString(lines.Text())
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		if err := encoder.Encode(guarded(read, text)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
}

// guarded makes a panic of the libraries an error of the text.
func guarded(read func([]byte) answer, text []byte) (result answer) {
	defer func() {
		if problem := recover(); problem != nil {
			result = answer{Error: fmt.Sprint("panic: ", problem)}
		}
	}()
	return read(text)
}

func readDocument(text []byte) answer {
	value, err := sigsyaml.YAMLToJSON(text)
	if err != nil {
		return answer{Error: err.Error()}
	}
	result := answer{JSON: string(value)}
	if _, err := sigsyaml.YAMLToJSONStrict(text); err != nil {
		result.Strict = err.Error()
	}
	return result
}

func readStream(text []byte) (result answer) {
	decoded := transform.NewReader(bytes.NewReader(text), unicode.BOMOverride(unicode.UTF8.NewDecoder()))
	decoder := yaml.NewYAMLOrJSONDecoder(decoded, 4096)
	for {
		var document runtime.RawExtension
		err := decoder.Decode(&document)
		if err == io.EOF {
			return result
		}
		if err != nil {
			result.Error = err.Error()
			return result
		}
		raw := bytes.TrimSpace(document.Raw)
		if len(raw) > 0 && !bytes.Equal(raw, []byte("null")) {
			result.Documents = append(result.Documents, string(raw))
		}
	}
}
