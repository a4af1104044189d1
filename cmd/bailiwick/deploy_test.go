package main

import (
	"context"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// deployed are the files that tell how to run a server.
func deployed(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir("../../deploy", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		files[filepath.ToSlash(path)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	files["operations.md"] = string(text)
	if len(files) < 5 {
		t.Fatalf("only %d files", len(files))
	}
	return files
}

func TestDeploymentNamesSettingsThatExist(t *testing.T) {
	known := []string{"BAILIWICK_CONFIG"}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[serverFlags]()) {
		known = append(known, field.Tag.Get("env"))
	}
	reference, err := os.ReadFile("../../docs/reference/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	notOurs := []string{
		"--system", "--home-dir", "--shell", "--now", // useradd, systemctl
		"--chown", "--replicas", // the image's recipe, kubectl
		"--config", "--prepare",
	}
	env, flag := regexp.MustCompile(`BAILIWICK_[A-Z_]+[A-Z]`), regexp.MustCompile(`(?m)(?:^|[\s`+"`"+`(])(--[a-z][a-z-]+)`)
	for path, text := range deployed(t) {
		for _, name := range env.FindAllString(text, -1) {
			if name != "BAILIWICK_PORT" && !slices.Contains(known, name) {
				t.Errorf("%s: no setting is called %s", path, name)
			}
		}
		for _, m := range flag.FindAllStringSubmatch(text, -1) {
			if !strings.Contains(string(reference), "`"+m[1]+"`") && !slices.Contains(notOurs, m[1]) {
				t.Errorf("%s: no flag is called %s", path, m[1])
			}
		}
	}
}

// manifest is what the test looks at in the Deployment.
type manifest struct {
	Kind string
	Spec struct {
		Template struct {
			Metadata struct{ Annotations map[string]string }
			Spec     struct {
				AutomountServiceAccountToken *bool `yaml:"automountServiceAccountToken"`
				EnableServiceLinks           *bool `yaml:"enableServiceLinks"`
				SecurityContext              struct {
					RunAsNonRoot bool  `yaml:"runAsNonRoot"`
					RunAsUser    int64 `yaml:"runAsUser"`
				} `yaml:"securityContext"`
				Containers []container
			}
		}
	}
	StringData map[string]string `yaml:"stringData"`
}

type container struct {
	Args            []string
	Ports           []struct{ ContainerPort int } `yaml:"ports"`
	LivenessProbe   probe                         `yaml:"livenessProbe"`
	ReadinessProbe  probe                         `yaml:"readinessProbe"`
	StartupProbe    probe                         `yaml:"startupProbe"`
	SecurityContext struct {
		AllowPrivilegeEscalation *bool `yaml:"allowPrivilegeEscalation"`
		ReadOnlyRootFilesystem   bool  `yaml:"readOnlyRootFilesystem"`
		Capabilities             struct{ Drop []string }
	} `yaml:"securityContext"`
}

type probe struct {
	HTTPGet struct{ Path, Scheme string } `yaml:"httpGet"`
}

func manifests(t *testing.T, path string) map[string]manifest {
	t.Helper()
	all := map[string]manifest{}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, document := range strings.Split(string(text), "\n---\n") {
		var m manifest
		if err := yaml.Unmarshal([]byte(document), &m); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		all[m.Kind] = m
	}
	return all
}

// TestManifestsStartAServer reads the command line and the environment of the manifests as
// the program does, and asks a server for what the probes ask for.
func TestManifestsStartAServer(t *testing.T) {
	deployment, ok := manifests(t, "../../deploy/kubernetes/bailiwick.yaml")["Deployment"]
	secret, ok2 := manifests(t, "../../deploy/kubernetes/secret.yaml")["Secret"]
	if !ok || !ok2 || len(deployment.Spec.Template.Spec.Containers) != 1 {
		t.Fatal("a Deployment of one container, and a Secret")
	}
	for name, value := range secret.StringData {
		t.Setenv(name, strings.ReplaceAll(value, "REPLACE", "replaced-by-the-operator"))
	}
	pod := deployment.Spec.Template.Spec
	c := pod.Containers[0]
	var line cli
	parser, err := newParser(&line)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(c.Args); err != nil {
		t.Fatalf("%v: %v", c.Args, err)
	}
	if err := line.Serve.check(); err != nil {
		t.Errorf("%v: %v", c.Args, err)
	}
	if line.Serve.DatabaseURL == "" || line.Serve.MasterKey == "" || line.Serve.OperatorToken == "" {
		t.Error("nodes must share database, master key and operator token")
	}
	m := newMetered(t, func(*serverFlags) {})
	paths := []string{
		c.LivenessProbe.HTTPGet.Path, c.ReadinessProbe.HTTPGet.Path, c.StartupProbe.HTTPGet.Path,
		deployment.Spec.Template.Metadata.Annotations["prometheus.io/path"],
	}
	for _, path := range paths {
		w := httptest.NewRecorder()
		m.handler.ServeHTTP(w, httptest.NewRequestWithContext(context.Background(), http.MethodGet, "https://pod"+path, nil))
		if w.Code != http.StatusOK {
			t.Errorf("%s answers %d", path, w.Code)
		}
	}
	s := c.SecurityContext
	if !pod.SecurityContext.RunAsNonRoot || pod.SecurityContext.RunAsUser == 0 || !s.ReadOnlyRootFilesystem ||
		s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation || !slices.Contains(s.Capabilities.Drop, "ALL") ||
		pod.AutomountServiceAccountToken == nil || *pod.AutomountServiceAccountToken ||
		pod.EnableServiceLinks == nil || *pod.EnableServiceLinks {
		t.Errorf("the pod has more rights than it needs: %+v", pod)
	}
}

func TestOperationsPageNamesTheMetricsThatExist(t *testing.T) {
	m := newMetered(t, func(f *serverFlags) { f.RateLimit, f.RateBurst = 0.001, 1 })
	m.metrics.CertificateExpiry(m.db.Now)
	m.query("sts", "GetCallerIdentity", m.flags.RootSecretAccessKey)
	m.query("sts", "GetCallerIdentity", m.flags.RootSecretAccessKey)
	m.metrics.Transaction(true, 1, true)
	m.metrics.TaskRan("any", 1, 1, false)
	page, text := m.page(), deployed(t)["operations.md"]
	named := regexp.MustCompile("(?m)^# HELP (bailiwick_[a-z_]+)").FindAllStringSubmatch(page, -1)
	for _, n := range named {
		if !strings.Contains(text, "`"+n[1]+"`") {
			t.Errorf("the page does not tell of %s", n[1])
		}
	}
	for _, name := range regexp.MustCompile(`bailiwick_[a-z_]+[a-z]`).FindAllString(text, -1) {
		if !strings.Contains(page, name) {
			t.Errorf("there is no metric %s", name)
		}
	}
}
