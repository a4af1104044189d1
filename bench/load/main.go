package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Bounds of one run.
const (
	maxClients  = 4096
	maxDuration = 24 * time.Hour
	maxRequests = 1_000_000_000
)

// config is what was asked for on the command line.
type config struct {
	endpoint, inventory, host string
	binary, databaseURL       string
	accounts                  int
	clients                   int
	requests                  int64
	rate                      float64
	duration, soak, alone     time.Duration
	every                     time.Duration
	samples                   string
	reads, assumes, writes    int
	seed                      uint64
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == bareCommand {
		fail(serveBare(os.Stdout))
		return
	}
	c, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	fail(err)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	fail(run(ctx, c))
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func parse(args []string) (*config, error) {
	c := &config{}
	f := flag.NewFlagSet("load", flag.ContinueOnError)
	f.StringVar(&c.endpoint, "endpoint", "", "URL of a running server")
	f.StringVar(&c.inventory, "inventory", "", "what bailiwick demo --accounts wrote about it")
	f.StringVar(&c.host, "host", "", "a host that is not a loopback address and may be loaded nevertheless")
	f.StringVar(&c.binary, "binary", "", "start this bailiwick on a fresh folder instead")
	f.StringVar(&c.databaseURL, "database-url", "", "with -binary: an empty PostgreSQL database in place of the folder")
	f.IntVar(&c.accounts, "accounts", 1000, "with -binary: accounts of its organization")
	f.IntVar(&c.clients, "clients", 32, "requests under way at most")
	f.Int64Var(&c.requests, "requests", 100_000_000, "end after so many requests")
	f.Float64Var(&c.rate, "rate", 0, "requests per second; 0 is as fast as the server answers")
	f.DurationVar(&c.duration, "duration", 30*time.Second, "end after so long")
	f.DurationVar(&c.soak, "soak", 0, "like -duration, and fail if memory, goroutines or file handles of the server grow")
	f.DurationVar(&c.alone, "alone", 5*time.Second, "before: so long each a bare net/http server, and GetCallerIdentity alone; 0 leaves them out")
	f.DurationVar(&c.every, "every", 5*time.Second, "time between samples of the server")
	f.StringVar(&c.samples, "samples", "", "write the samples to this file (CSV)")
	f.IntVar(&c.reads, "reads", 70, "weight of reads in the mix")
	f.IntVar(&c.assumes, "assumes", 20, "weight of AssumeRole")
	f.IntVar(&c.writes, "writes", 10, "weight of writes; each is a cycle of several requests")
	f.Uint64Var(&c.seed, "seed", 1, "which requests are made")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	if f.NArg() > 0 {
		return nil, fmt.Errorf("unexpected %q", f.Arg(0))
	}
	return c, c.check()
}

func (c *config) check() error {
	if c.soak > 0 {
		c.duration = c.soak
	}
	switch {
	case c.binary == "" && (c.endpoint == "" || c.inventory == ""):
		return errors.New("give -binary, or -endpoint and -inventory")
	case c.binary != "" && c.endpoint != "":
		return errors.New("give -binary or -endpoint, not both")
	case c.clients < 1 || c.clients > maxClients:
		return fmt.Errorf("-clients is from 1 to %d", maxClients)
	case c.duration <= 0 || c.duration > maxDuration || c.alone < 0 || c.alone > maxDuration:
		return fmt.Errorf("a run lasts at most %s", maxDuration)
	case c.requests < 1 || c.requests > maxRequests:
		return fmt.Errorf("-requests is from 1 to %d", maxRequests)
	case c.rate < 0 || c.every < 100*time.Millisecond:
		return errors.New("-rate is not negative, and -every at least 100ms")
	case c.reads < 0 || c.assumes < 0 || c.writes < 0 || c.reads+c.assumes+c.writes == 0:
		return errors.New("the weights of a mix are not negative, and not all 0")
	case c.endpoint != "":
		return mayLoad(c.endpoint, c.host)
	}
	return nil
}

// mayLoad refuses servers that somebody else may depend on.
func mayLoad(endpoint, allowed string) error {
	u, err := url.Parse(endpoint)
	if err != nil {
		return err
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("-endpoint %q is not the URL of a server", endpoint)
	}
	host := u.Hostname()
	ip := net.ParseIP(host)
	if host == "localhost" || ip != nil && ip.IsLoopback() || allowed != "" && host == allowed {
		return nil
	}
	return fmt.Errorf("%s is not a loopback address: -host %s says that it may be loaded", host, host)
}

// run does what was asked for and prints what came out.
func run(ctx context.Context, c *config) error {
	if c.binary != "" {
		stop, err := c.launch(ctx)
		if err != nil {
			return err
		}
		defer stop()
	}
	large, err := readInventory(c.inventory)
	if err != nil {
		return err
	}
	if err := c.compare(ctx, large); err != nil {
		return err
	}
	w := newWorld(c.endpoint, c.clients, large)
	watch := newWatch(w.client, c.endpoint, c.every)
	watching, stop := context.WithCancel(ctx)
	watched := make(chan error, 1)
	go func() { watched <- watch.run(watching) }()
	result := w.load(ctx, c.mix(), limits{clients: c.clients, requests: c.requests, rate: c.rate, duration: c.duration, seed: c.seed})
	stop()
	if err := <-watched; err != nil {
		return fmt.Errorf("samples: %w", err)
	}
	how := "closed loop"
	if c.rate > 0 {
		how = fmt.Sprintf("%.0f requests/s", c.rate)
	}
	fmt.Printf("\n%d clients, %s, %s, %d accounts\n\n", c.clients, how, result.took.Round(time.Millisecond), len(large.Accounts)+1)
	result.print(os.Stdout)
	watch.print(os.Stdout)
	if c.samples != "" {
		if err := watch.write(c.samples); err != nil {
			return err
		}
	}
	if c.soak > 0 {
		return errors.Join(result.failed(), watch.judge(os.Stdout))
	}
	return result.failed()
}
