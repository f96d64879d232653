// Judges by admission policies as the API server does, with the libraries that it is made of, and counts what that costs.
//
// Each line of standard input is a JSON object with a `policy`, the spec of a ValidatingAdmissionPolicy, and `requests`. Each line of
// standard output tells for it what does not compile, and of each request the verdict and the costs of what judges and of what makes
// the message. A request's `budget` is what all may cost together; without one it is the API server's.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"

	admissionregistration "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/admission"
	plugincel "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/cel/environment"
)

type question struct {
	Policy admissionregistration.ValidatingAdmissionPolicySpec `json:"policy"`
	// The oldest API server that the policy is for.
	Version  string    `json:"version"`
	Requests []request `json:"requests"`
}

type request struct {
	Object      map[string]any `json:"object"`
	OldObject   map[string]any `json:"oldObject"`
	Operation   string         `json:"operation"`
	SubResource string         `json:"subResource"`
	Params      map[string]any `json:"params"`
	Budget      int64          `json:"budget"`
}

type answer struct {
	Errors   []string  `json:"errors"`
	Verdicts []verdict `json:"verdicts"`
}

type verdict struct {
	Action      string `json:"action"`
	Evaluation  string `json:"evaluation"`
	Message     string `json:"message"`
	Cost        int64  `json:"cost"`
	MessageCost int64  `json:"messageCost"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<30)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for lines.Scan() {
		var asked question
		must(json.Unmarshal(lines.Bytes(), &asked))
		// numbers are whole where they can be, as the API server reads them
		var exact struct {
			Requests []request `json:"requests"`
		}
		must(utiljson.Unmarshal(lines.Bytes(), &exact))
		compiled := compile(asked.Policy, asked.Version)
		given := answer{Errors: compiled.errors, Verdicts: []verdict{}}
		for _, each := range exact.Requests {
			given.Verdicts = append(given.Verdicts, compiled.judge(each))
		}
		text, err := json.Marshal(given)
		must(err)
		fmt.Fprintln(out, string(text))
	}
	must(lines.Err())
}

type compiled struct {
	errors    []string
	validator validating.Validator
	// The same by themselves, to count their costs apart.
	conditions, messages plugincel.ConditionEvaluator
}

// compile compiles a policy twice: as a new one of the oldest server, which is what tells whether it would be taken there, and as a
// stored one, which is what is evaluated.
func compile(policy admissionregistration.ValidatingAdmissionPolicySpec, oldest string) compiled {
	options := plugincel.OptionalVariableDeclarations{HasParams: policy.ParamKind != nil}
	asNew, err := plugincel.NewCompositedCompiler(environment.MustBaseEnvSet(version.MustParse(oldest)))
	must(err)
	stored, err := plugincel.NewCompositedCompiler(environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion()))
	must(err)
	made := compiled{errors: []string{}}
	tell := func(name string, result plugincel.CompilationResult) {
		if result.Error != nil {
			made.errors = append(made.errors, name+": "+result.Error.Error())
		}
	}
	for _, each := range policy.Variables {
		variable := &validating.Variable{Name: each.Name, Expression: each.Expression}
		tell(each.Name, asNew.CompileAndStoreVariable(variable, options, environment.NewExpressions))
		stored.CompileAndStoreVariable(variable, options, environment.StoredExpressions)
	}
	var conditions, messages []plugincel.ExpressionAccessor
	for _, each := range policy.Validations {
		conditions = append(conditions, &validating.ValidationCondition{Expression: each.Expression, Message: each.Message})
		messages = append(messages, &validating.MessageExpressionCondition{MessageExpression: each.MessageExpression})
	}
	for i := range conditions {
		tell("validation", asNew.CompileCELExpression(conditions[i], options, environment.NewExpressions))
		tell("message", asNew.CompileCELExpression(messages[i], options, environment.NewExpressions))
	}
	made.conditions = stored.CompileCondition(conditions, options, environment.StoredExpressions)
	made.messages = stored.CompileCondition(messages, options, environment.StoredExpressions)
	none := stored.CompileCondition(nil, options, environment.StoredExpressions)
	made.validator = validating.NewValidator(made.conditions, nil, none, made.messages, policy.FailurePolicy, nil)
	return made
}

func (of compiled) judge(asked request) verdict {
	operation := admission.Operation(asked.Operation)
	if operation == "" {
		operation = admission.Create
	}
	present := &unstructured.Unstructured{Object: asked.Object}
	if asked.Object == nil {
		present = &unstructured.Unstructured{Object: asked.OldObject}
	}
	kind := present.GroupVersionKind()
	resource := schema.GroupVersionResource{Group: kind.Group, Version: kind.Version, Resource: "things"}
	attributes := admission.NewAttributesRecord(object(asked.Object), object(asked.OldObject), kind, present.GetNamespace(), present.GetName(),
		resource, asked.SubResource, operation, nil, false, &user.DefaultInfo{Name: "someone"})
	versioned := &admission.VersionedAttributes{Attributes: attributes, VersionedKind: kind, VersionedObject: object(asked.Object), VersionedOldObject: object(asked.OldObject)}
	budget := asked.Budget
	if budget == 0 {
		budget = celconfig.RuntimeCELCostBudget
	}
	ctx := context.Background()
	given := verdict{Action: "admit", Evaluation: "admit"}
	for _, decision := range of.validator.Validate(ctx, resource, versioned, object(asked.Params), nil, budget, nil).Decisions {
		if decision.Action == validating.ActionDeny {
			given.Action, given.Evaluation, given.Message = "deny", string(decision.Evaluation), decision.Message
		}
	}
	admissionRequest := plugincel.CreateAdmissionRequest(attributes, metav1.GroupVersionResource(resource), metav1.GroupVersionKind(kind))
	bindings := plugincel.OptionalVariableBindings{VersionedParams: object(asked.Params)}
	cost := func(evaluator plugincel.ConditionEvaluator) int64 {
		_, left, err := evaluator.ForInput(ctx, versioned, admissionRequest, bindings, nil, math.MaxInt64)
		if err != nil {
			return -1
		}
		return math.MaxInt64 - left
	}
	given.Cost, given.MessageCost = cost(of.conditions), cost(of.messages)
	return given
}

// object gives no object, rather than an object that is nil, where there is none.
func object(fields map[string]any) runtime.Object {
	if fields == nil {
		return nil
	}
	return &unstructured.Unstructured{Object: fields}
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
