// Command agent is the only program in the pods of a test: it listens, connects, and sends requests, as it is told.
package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A refused connection fails at once, and a dropped one after this time.
const connectTimeout = time.Second

const requestTimeout = 20 * time.Second

// Many wait for their time to be over. More would need more files than a process may open.
const connectionsAtOnce = 200

const usage = `agent pause                      waits, and collects ended processes
agent listen PORT...             accepts connections: tcp/8080 udp/53
agent forward PORT ADDRESS       passes connections on to an address
agent connect ADDRESS...         tries each: tcp/10.0.0.1:8080; prints those that answered
agent ask-kafka ADDRESS          ends with an error unless a Kafka answers
agent request METHOD URL [NAME=VALUE...]  prints the status and the body; NAME=VALUE is a header, and body=VALUE the body`

func main() {
	command, arguments := "", []string{}
	if len(os.Args) > 1 {
		command, arguments = os.Args[1], os.Args[2:]
	}
	switch command {
	case "pause":
		pause()
	case "listen":
		listen(arguments)
	case "forward":
		forward(arguments)
	case "connect":
		connect(arguments)
	case "request":
		request(arguments)
	case "ask-kafka":
		askKafka(arguments)
	default:
		fail(usage)
	}
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, message)
	os.Exit(1)
}

// pause holds the namespaces of a pod, whose processes become its children.
func pause() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGCHLD)
	for received := range signals {
		if received != syscall.SIGCHLD {
			return
		}
		for {
			if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); pid <= 0 || err != nil {
				break
			}
		}
	}
}

func listen(ports []string) {
	for _, port := range ports {
		protocol, number, _ := strings.Cut(port, "/")
		if protocol == "udp" {
			socket, err := net.ListenPacket("udp", ":"+number)
			if err != nil {
				fail(err.Error())
			}
			go echo(socket)
			continue
		}
		listener, err := net.Listen("tcp", ":"+number)
		if err != nil {
			fail(err.Error())
		}
		go greet(listener)
	}
	fmt.Println("listening")
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM)
	<-signals
}

// forward is a gateway that knows nothing of HTTP.
func forward(arguments []string) {
	if len(arguments) != 2 {
		fail(usage)
	}
	listener, err := net.Listen("tcp", ":"+arguments[0])
	if err != nil {
		fail(err.Error())
	}
	for {
		client, err := listener.Accept()
		if err != nil {
			fail(err.Error())
		}
		go join(client, arguments[1])
	}
}

func join(client net.Conn, address string) {
	defer client.Close()
	server, err := net.DialTimeout("tcp", address, requestTimeout)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	ended := make(chan struct{}, 2)
	pass := func(to, from net.Conn) {
		_, _ = io.Copy(to, from)
		ended <- struct{}{}
	}
	go pass(server, client)
	go pass(client, server)
	<-ended
}

func greet(listener net.Listener) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			fail(err.Error())
		}
		_, _ = connection.Write([]byte("here\n"))
		_ = connection.Close()
	}
}

func echo(socket net.PacketConn) {
	buffer := make([]byte, 64)
	for {
		_, sender, err := socket.ReadFrom(buffer)
		if err != nil {
			fail(err.Error())
		}
		_, _ = socket.WriteTo([]byte("here\n"), sender)
	}
}

func connect(addresses []string) {
	var printing sync.Mutex
	var running sync.WaitGroup
	free := make(chan struct{}, connectionsAtOnce)
	for _, address := range addresses {
		running.Add(1)
		free <- struct{}{}
		go func() {
			defer running.Done()
			defer func() { <-free }()
			if answers(address) {
				printing.Lock()
				defer printing.Unlock()
				fmt.Println(address)
			}
		}()
	}
	running.Wait()
}

// answers tells whether something greets at an address. An open connection alone would not show that both directions work.
func answers(address string) bool {
	protocol, target, _ := strings.Cut(address, "/")
	connection, err := net.DialTimeout(protocol, target, connectTimeout)
	if err != nil {
		return false
	}
	defer connection.Close()
	_ = connection.SetDeadline(time.Now().Add(connectTimeout))
	if protocol == "udp" {
		if _, err := connection.Write([]byte("anyone?")); err != nil {
			return false
		}
	}
	read, _ := connection.Read(make([]byte, 64))
	return read > 0
}

// askKafka sends an ApiVersions request of version 0 (https://kafka.apache.org/protocol#The_Messages_ApiVersions).
func askKafka(arguments []string) {
	if len(arguments) != 1 {
		fail(usage)
	}
	connection, err := net.DialTimeout("tcp", arguments[0], connectTimeout)
	if err != nil {
		fail(err.Error())
	}
	defer connection.Close()
	_ = connection.SetDeadline(time.Now().Add(requestTimeout))
	const key, version, correlation, noClient = 18, 0, 1, -1
	body, _ := binary.Append(nil, binary.BigEndian, []int16{key, version, 0, correlation, noClient})
	sent, _ := binary.Append(nil, binary.BigEndian, int32(len(body)))
	if _, err := connection.Write(append(sent, body...)); err != nil {
		fail(err.Error())
	}
	answer := make([]byte, 10)
	if _, err := io.ReadFull(connection, answer); err != nil {
		fail(err.Error())
	}
	if answer[7] != correlation || answer[8] != 0 || answer[9] != 0 {
		fail("this is no Kafka")
	}
}

func request(arguments []string) {
	if len(arguments) < 2 {
		fail(usage)
	}
	body := ""
	headers := http.Header{}
	for _, argument := range arguments[2:] {
		name, value, _ := strings.Cut(argument, "=")
		if name == "body" {
			body = value
		} else {
			headers.Set(name, value)
		}
	}
	sent, err := http.NewRequest(arguments[0], arguments[1], strings.NewReader(body))
	if err != nil {
		fail(err.Error())
	}
	sent.Header = headers
	answer, err := (&http.Client{Timeout: requestTimeout}).Do(sent)
	if err != nil {
		fail(err.Error())
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	fmt.Printf("%d %s\n", answer.StatusCode, text)
}
