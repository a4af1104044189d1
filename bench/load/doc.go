// Command load asks a Bailiwick server many things at once, as the people and machines of a
// large organization do, and says how fast it answered: reads, AssumeRole and writes that
// take back what they made, with many keys of many accounts, each request signed by the AWS
// SDK's signer.
//
//	load -binary bin/bailiwick -accounts 1000                    # starts a server of its own
//	load -endpoint http://127.0.0.1:4566 -inventory FILE         # a server with what `bailiwick demo --accounts` made
//	load … -rate 500 -soak 30m -samples soak.csv                 # watch that nothing grows
//
// Without -rate it is a closed loop: each client asks again as soon as it has its answer.
// With -rate requests have their times in advance, and the time of an answer counts from when
// its request was due, so that a server that stalls is not measured only when it does not.
//
// It talks to loopback addresses only, unless -host names another one.
//
// Neighbours: package demo, whose inventory it reads. It knows nothing else of the server.
package main
