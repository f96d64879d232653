// Reads YAML as kubectl does. Standard input holds one base64 text a line; the answer to each is a line of JSON:
//
//	json    the document as JSON, as sigs.k8s.io/yaml gives it
//	error   why there is none
//	strict  why a strict reader refuses what the lax one read
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"

	"sigs.k8s.io/yaml"
)

type answer struct {
	JSON   json.RawMessage `json:"json,omitempty"`
	Error  string          `json:"error,omitempty"`
	Strict string          `json:"strict,omitempty"`
}

func read(text []byte) (result answer) {
	defer func() {
		if failure := recover(); failure != nil {
			result = answer{Error: fmt.Sprint("panic: ", failure)}
		}
	}()
	converted, err := yaml.YAMLToJSON(text)
	if err != nil {
		return answer{Error: err.Error()}
	}
	result.JSON = converted
	if _, err := yaml.YAMLToJSONStrict(text); err != nil {
		result.Strict = err.Error()
	}
	return result
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), 64<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for in.Scan() {
		text, err := base64.StdEncoding.DecodeString(in.Text())
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		if err := encoder.Encode(read(text)); err != nil {
			if err := encoder.Encode(answer{Error: "encode: " + err.Error()}); err != nil {
				os.Exit(2)
			}
		}
	}
}
