// Asks the Kubernetes project's own library which levels of the Pod Security Standards allow a pod. The argument is a version of
// the standards; standard input holds one pod template a line (`metadata` and `spec`); the answer to each is a line of JSON:
// whether `baseline` and `restricted` allow it, and the reasons where they do not.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

type answer struct {
	Baseline   bool     `json:"baseline"`
	Restricted bool     `json:"restricted"`
	Reasons    []string `json:"reasons,omitempty"`
	Error      string   `json:"error,omitempty"`
}

func main() {
	version, err := api.ParseVersion(os.Args[1])
	exitOn(err)
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	exitOn(err)
	allows := func(level api.Level, template *corev1.PodTemplateSpec, into *answer) bool {
		allowed := true
		for _, result := range evaluator.EvaluatePod(api.LevelVersion{Level: level, Version: version}, &template.ObjectMeta, &template.Spec) {
			if !result.Allowed {
				allowed = false
				into.Reasons = append(into.Reasons, string(level)+": "+result.ForbiddenReason+": "+result.ForbiddenDetail)
			}
		}
		return allowed
	}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), 64<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	for in.Scan() {
		var template corev1.PodTemplateSpec
		var result answer
		if err := json.Unmarshal(in.Bytes(), &template); err != nil {
			result.Error = err.Error()
		} else {
			result.Baseline = allows(api.LevelBaseline, &template, &result)
			result.Restricted = allows(api.LevelRestricted, &template, &result)
		}
		exitOn(encoder.Encode(result))
	}
	exitOn(in.Err())
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}
