// cel evaluates match conditions as the API server does, with its own library.
//
//	cel EXPRESSIONS.json < PODS.jsonl
//
// EXPRESSIONS.json maps names to CEL; each line of standard input is {"pod": Pod, "namespace": "…"}. Each
// line of the output is an object: for each expression its value, and under "error" what went wrong.
// With -bench N every expression is evaluated N times, and its cost and nanoseconds are said too.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	plugincel "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/cel/environment"
)

const longestLine = 8 << 20

var (
	podKind     = schema.GroupVersionKind{Version: "v1", Kind: "Pod"}
	podResource = schema.GroupVersionResource{Version: "v1", Resource: "pods"}
)

type line struct {
	Pod       v1.Pod
	Namespace string
}

type result struct {
	Value       any     `json:"value"`
	Error       string  `json:"error,omitempty"`
	Cost        int64   `json:"cost"`
	Nanoseconds float64 `json:"nanoseconds,omitempty"`
}

func main() {
	rounds := flag.Int("bench", 0, "evaluations of each expression to time")
	flag.Parse()
	evaluators := compile(flag.Arg(0))
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, longestLine)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for lines.Scan() {
		var in line
		check(json.Unmarshal(lines.Bytes(), &in))
		in.Pod.SetGroupVersionKind(podKind)
		results := map[string]result{}
		for name, evaluator := range evaluators {
			results[name] = evaluate(evaluator, &in, *rounds)
		}
		written, err := json.Marshal(results)
		check(err)
		fmt.Fprintf(out, "%s\n", written)
	}
	check(lines.Err())
}

func compile(file string) map[string]plugincel.ConditionEvaluator {
	raw, err := os.ReadFile(file)
	check(err)
	var expressions map[string]string
	check(json.Unmarshal(raw, &expressions))
	base := environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion())
	compiler := plugincel.NewConditionCompiler(base)
	declared := plugincel.OptionalVariableDeclarations{HasAuthorizer: true}
	evaluators := map[string]plugincel.ConditionEvaluator{}
	for name, expression := range expressions {
		condition := &matchconditions.MatchCondition{Name: name, Expression: expression}
		evaluators[name] = compiler.CompileCondition(
			[]plugincel.ExpressionAccessor{condition}, declared, environment.StoredExpressions)
	}
	return evaluators
}

func evaluate(evaluator plugincel.ConditionEvaluator, in *line, rounds int) result {
	said := once(evaluator, in)
	if rounds > 0 {
		start := time.Now()
		for range rounds {
			once(evaluator, in)
		}
		said.Nanoseconds = float64(time.Since(start).Nanoseconds()) / float64(rounds)
	}
	return said
}

func once(evaluator plugincel.ConditionEvaluator, in *line) result {
	record := admission.NewAttributesRecord(&in.Pod, nil, podKind, in.Namespace, in.Pod.Name, podResource, "",
		admission.Create, &metav1.CreateOptions{}, false, &user.DefaultInfo{Name: "somebody"})
	attributes, err := admission.NewVersionedAttributes(record, podKind, nil)
	check(err)
	request := plugincel.CreateAdmissionRequest(attributes.Attributes,
		metav1.GroupVersionResource{Version: "v1", Resource: "pods"},
		metav1.GroupVersionKind{Version: "v1", Kind: "Pod"})
	const budget = int64(celconfig.RuntimeCELCostBudgetMatchConditions)
	results, left, err := evaluator.ForInput(context.Background(), attributes, request,
		plugincel.OptionalVariableBindings{}, nil, budget)
	switch {
	case err != nil:
		return result{Error: err.Error()}
	case results[0].Error != nil:
		return result{Error: results[0].Error.Error(), Cost: budget - left}
	default:
		return result{Value: results[0].EvalResult.Value(), Cost: budget - left}
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
