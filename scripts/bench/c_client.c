// The client that lmcache-bench is compared with: a straightforward C client of lm://, a blocking thread a connection.
//   c_client PORT get|put|exist SIZE CONNECTIONS KEYS SECONDS
// Stores KEYS values, asks for them one at a time on every connection, and prints operations, seconds and seconds of processor
// time. An EXIST behind each PUT confirms it, as in lmcache-bench.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { PUT = 1, GET = 2, EXIST = 3, SUCCESS = 200, BFLOAT16 = 2, KV_2LTD = 1 };
enum { KEY_BYTES = 150, CONNECTIONS_MAX = 1024 };

struct request { int32_t command, length, format, type, location, shape[4]; char key[KEY_BYTES]; } __attribute__((packed));
struct reply { int32_t code, length, format, type, shape[4], location; };

static int port, key_count;
static size_t size;
static const char *work;
static atomic_int stop;
static atomic_long operations;

static void die(const char *what) { perror(what); exit(1); }

static int dial(void) {
  int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0) die("c_client: connect");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd;
}

static struct request request_for(int command, int key, size_t length) {
  struct request request = {command, (int32_t)length, KV_2LTD, BFLOAT16, 0, {2, 1, (int32_t)(size / 4), 1}, {0}};
  memset(request.key, ' ', KEY_BYTES);
  char text[KEY_BYTES];
  memcpy(request.key, text, (size_t)snprintf(text, sizeof text, "c_client@model@1@%x@bfloat16", key));
  return request;
}

static void receive(int fd, void *bytes, size_t count) {
  for (size_t got = 0; got < count;) {
    ssize_t part = recv(fd, (char *)bytes + got, count - got, 0);
    if (part <= 0) die("c_client: receive");
    got += (size_t)part;
  }
}

static void send_two(int fd, const void *head, size_t head_bytes, const void *body, size_t body_bytes) {
  struct iovec parts[2] = {{(void *)head, head_bytes}, {(void *)body, body_bytes}};
  while (parts[0].iov_len + parts[1].iov_len > 0) {
    ssize_t sent = writev(fd, parts, 2);
    if (sent <= 0) die("c_client: send");
    for (int part = 0; part < 2; part++) {
      size_t taken = (size_t)sent < parts[part].iov_len ? (size_t)sent : parts[part].iov_len;
      parts[part].iov_base = (char *)parts[part].iov_base + taken;
      parts[part].iov_len -= taken;
      sent -= (ssize_t)taken;
    }
  }
}

static void ask(int fd, int command, int key, char *body) {
  struct request request = request_for(command, key, 0);
  struct reply reply;
  send_two(fd, &request, sizeof request, NULL, 0);
  receive(fd, &reply, sizeof reply);
  if (reply.code != SUCCESS || (command == GET && (size_t)reply.length != size)) {
    fprintf(stderr, "c_client: key %d: code %d, %d bytes\n", key, reply.code, reply.length);
    exit(1);
  }
  if (command == GET) receive(fd, body, size);
}

static void put(int fd, int key, const char *body) {
  struct request request = request_for(PUT, key, size);
  send_two(fd, &request, sizeof request, body, size);
  ask(fd, EXIST, key, NULL);
}

static void *serve(void *argument) {
  int fd = dial(), key = (int)(intptr_t)argument;
  char *body = malloc(size);
  memset(body, 7, size);
  while (!stop) {
    key = (key + 1) % key_count;
    if (work[0] == 'p') put(fd, key, body);
    else ask(fd, work[0] == 'g' ? GET : EXIST, key, body);
    atomic_fetch_add_explicit(&operations, 1, memory_order_relaxed);
  }
  free(body);
  close(fd);
  return NULL;
}

static double read_clock(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

int main(int count, char **words) {
  if (count != 7) { fprintf(stderr, "c_client PORT get|put|exist SIZE CONNECTIONS KEYS SECONDS\n"); return 2; }
  port = atoi(words[1]), work = words[2], size = (size_t)atol(words[3]), key_count = atoi(words[5]);
  int connections = atoi(words[4]);
  if (connections < 1 || connections > CONNECTIONS_MAX || key_count < 1) { fprintf(stderr, "c_client: bad count\n"); return 2; }
  int fd = dial();
  char *body = calloc(1, size);
  for (int key = 0; key < key_count; key++) put(fd, key, body);
  pthread_t threads[CONNECTIONS_MAX];
  for (int i = 0; i < connections; i++) {
    if (pthread_create(&threads[i], NULL, serve, (void *)(intptr_t)(i * key_count / connections)) != 0) die("c_client: thread");
  }
  usleep(50000);
  long before = operations;
  double start = read_clock(CLOCK_MONOTONIC), worked = read_clock(CLOCK_PROCESS_CPUTIME_ID);
  usleep((useconds_t)(atof(words[6]) * 1e6));
  long done = operations - before;
  double seconds = read_clock(CLOCK_MONOTONIC) - start;
  worked = read_clock(CLOCK_PROCESS_CPUTIME_ID) - worked;
  stop = 1;
  for (int i = 0; i < connections; i++) pthread_join(threads[i], NULL);
  printf("%ld %.6f %.6f\n", done, seconds, worked);
  return 0;
}
