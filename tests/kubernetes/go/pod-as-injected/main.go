// Command pod-as-injected injects Dapr's sidecar into the pods of Deployments, and checks whether Pod Security admits them. It
// reads a Request from standard input and writes one Answer per Deployment to standard output. Upstream's own code makes all
// decisions.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/dapr/dapr/pkg/injector/consts"
	"github.com/dapr/dapr/pkg/injector/patcher"
	"github.com/dapr/dapr/pkg/injector/service"
	"github.com/dapr/kit/logger"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// Request contains the Deployments and the injector's configuration.
type Request struct {
	// Injector holds the environment variables of the injector's Deployment, as its chart renders them.
	Injector map[string]string `json:"injector"`
	// ControlPlaneNamespace is the namespace of that Deployment.
	ControlPlaneNamespace string `json:"controlPlaneNamespace"`
	// SchedulerEnabled is a command-line argument of the injector.
	SchedulerEnabled bool                `json:"schedulerEnabled"`
	Deployments      []appsv1.Deployment `json:"deployments"`
}

// Answer is the injected pod of a Deployment, and whether Pod Security admits it.
type Answer struct {
	Deployment string     `json:"deployment"`
	Injected   bool       `json:"injected"`
	Pod        corev1.Pod `json:"pod"`
	Allowed    bool       `json:"allowed"`
	// Reasons explain why Pod Security refuses the pod.
	Reasons []string `json:"reasons"`
}

func main() {
	// Dapr's loggers write to the standard output of the moment when options are applied. Keep it free for the answer.
	answer := os.Stdout
	os.Stdout = os.Stderr
	options := logger.DefaultOptions()
	err := logger.ApplyOptionsToLoggers(&options)
	if err == nil {
		err = run(answer)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(output *os.File) error {
	var request Request
	decoder := json.NewDecoder(os.Stdin)
	// An unknown field would be ignored silently.
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&request); err != nil {
		return fmt.Errorf("cannot read the request: %w", err)
	}
	for name, value := range request.Injector {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	config, err := service.GetConfig()
	if err != nil {
		return err
	}
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks())
	if err != nil {
		return err
	}
	answers := make([]Answer, 0, len(request.Deployments))
	for _, deployment := range request.Deployments {
		pod, injected, err := inject(podOf(deployment), request, config)
		if err != nil {
			return fmt.Errorf("%s: %w", deployment.Name, err)
		}
		answer := Answer{Deployment: deployment.Name, Injected: injected, Pod: *pod, Reasons: []string{}}
		verdict := policy.AggregateCheckResults(evaluator.EvaluatePod(
			api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}, &pod.ObjectMeta, &pod.Spec,
		))
		answer.Allowed = verdict.Allowed
		if !verdict.Allowed {
			answer.Reasons = append(answer.Reasons, verdict.ForbiddenDetail())
		}
		answers = append(answers, answer)
	}
	return json.NewEncoder(output).Encode(answers)
}

// podOf returns the pod that the ReplicaSet of a Deployment creates.
func podOf(deployment appsv1.Deployment) *corev1.Pod {
	pod := &corev1.Pod{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: *deployment.Spec.Template.ObjectMeta.DeepCopy(),
		Spec:       *deployment.Spec.Template.Spec.DeepCopy(),
	}
	pod.Namespace = deployment.Namespace
	pod.GenerateName = deployment.Name + "-"
	return pod
}

// inject repeats getPodPatchOperations of github.com/dapr/dapr/pkg/injector/service, which is not exported. Trust anchors and
// mTLS have the values of a new cluster.
func inject(pod *corev1.Pod, request Request, config service.Config) (*corev1.Pod, bool, error) {
	sidecar := patcher.NewSidecarConfig(pod)
	sidecar.Mode = consts.ModeKubernetes
	sidecar.Namespace = pod.Namespace
	sidecar.MTLSEnabled = true
	sidecar.Identity = pod.Namespace + ":" + pod.Spec.ServiceAccountName
	sidecar.IgnoreEntrypointTolerations = config.GetIgnoreEntrypointTolerations()
	sidecar.ImagePullPolicy = config.GetPullPolicy()
	sidecar.OperatorAddress = patcher.ServiceAPI.Address(config.Namespace, config.KubeClusterDomain)
	sidecar.SentryAddress = patcher.ServiceSentry.Address(config.Namespace, config.KubeClusterDomain)
	sidecar.RunAsNonRoot = config.GetRunAsNonRoot()
	sidecar.RunAsUser = config.GetRunAsUser()
	sidecar.RunAsGroup = config.GetRunAsGroup()
	sidecar.ReadOnlyRootFilesystem = config.GetReadOnlyRootFilesystem()
	sidecar.EnableK8sDownwardAPIs = config.GetEnableK8sDownwardAPIs()
	sidecar.SidecarDropALLCapabilities = config.GetDropCapabilities()
	sidecar.ControlPlaneNamespace = request.ControlPlaneNamespace
	sidecar.ControlPlaneTrustDomain = config.ControlPlaneTrustDomain
	// The chart passes this id to the injector.
	sidecar.SentrySPIFFEID = fmt.Sprintf(
		"spiffe://%s/ns/%s/dapr-sentry", config.ControlPlaneTrustDomain, request.ControlPlaneNamespace,
	)
	sidecar.CurrentTrustAnchors = []byte("trust anchors")
	sidecar.KubeClusterDomain = config.KubeClusterDomain
	sidecar.SchedulerEnabled = request.SchedulerEnabled
	sidecar.EnableNativeSidecar = config.GetNativeSidecarEnabled()
	if config.GetActorsEnabled() {
		if name, actors := config.GetActorsService(); name == "placement" {
			sidecar.PlacementAddress = actors.Address(config.Namespace, config.KubeClusterDomain)
		} else {
			sidecar.ActorsService = name + ":" + actors.Address(config.Namespace, config.KubeClusterDomain)
		}
	}
	if name, reminders, used := config.GetRemindersService(); used {
		sidecar.RemindersService = name + ":" + reminders.Address(config.Namespace, config.KubeClusterDomain)
	}
	sidecar.SidecarImage = config.SidecarImage
	sidecar.SetFromPodAnnotations()
	patch, err := sidecar.GetPatch()
	if err != nil {
		return nil, false, err
	}
	if patch == nil {
		return pod, false, nil
	}
	patched, err := patcher.PatchPod(pod, patch)
	return patched, true, err
}
