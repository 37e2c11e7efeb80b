// The yardstick: straightforward C with a blocking thread a connection and no store.
// It speaks lm:// (nine-int headers) and keeps one buffer a key number, so its caches are as cold as a real server's.
//   c_loop PORT [--keys N]
// PUT reads into the key's buffer, GET answers from it, EXIST says yes to everything.
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PUT = 1, GET = 2, EXIST = 3, HEALTH = 5, SUCCESS = 200, FAIL = 400 };
enum { KEY_BYTES = 150, INBOX_BYTES = 64 * 186, PAGE_BYTES = 4096 };
#define ARENA_BYTES ((size_t)64 << 30)  // addresses, not memory

struct request { int32_t command, length, format, type, location, shape[4]; char key[KEY_BYTES]; } __attribute__((packed));
struct reply { int32_t code, length, format, type, shape[4], location; };
struct value { char *bytes; size_t capacity; struct reply header; };

static struct value *values;
static size_t value_count = 16;
static char *arena;
static atomic_size_t arena_used;
static const struct reply yes = {SUCCESS, 0, 1, 2, {0, 0, 0, 0}, 0};
static const struct reply no = {FAIL, 0, 1, 2, {0, 0, 0, 0}, 0};

static void die(const char *what) { perror(what); exit(1); }

// The number is the fourth field of the key, in hex.
static struct value *value_of(const char *key) {
  int fields = 0;
  uint64_t number = 0;
  for (int i = 0; i < KEY_BYTES && fields < 4; i++) {
    char c = key[i];
    if (c == '@') { fields++; continue; }
    if (fields == 3) number = number << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
  }
  return &values[number % value_count];
}

// Values lie side by side in one huge-page advised mapping, so that small ones do not take a huge page each.
// An outgrown buffer is never reused: another thread may be sending it.
static void reserve(struct value *value, size_t length) {
  if (length <= value->capacity) return;
  size_t capacity = (length + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
  value->bytes = arena + atomic_fetch_add(&arena_used, capacity);
  value->capacity = capacity;
  if (value->bytes + capacity > arena + ARENA_BYTES) { fprintf(stderr, "c_loop: arena full\n"); exit(1); }
}

static int send_all(int fd, const struct reply *header, const char *bytes, size_t length) {
  struct iovec parts[2] = {{(void *)header, sizeof *header}, {(void *)bytes, length}};
  ssize_t sent = writev(fd, parts, 2);
  if (sent < (ssize_t)sizeof *header) return -1;
  for (size_t at = (size_t)sent - sizeof *header; at < length; at += (size_t)sent) {
    sent = write(fd, bytes + at, length - at);
    if (sent <= 0) return -1;
  }
  return 0;
}

static void quick_ack(int fd) { int one = 1; setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof one); }

// Takes the body: the bytes that came with the header, then the rest straight from the socket.
static int take_body(int fd, const struct request *request, const char *early, size_t early_bytes) {
  struct value *value = value_of(request->key);
  size_t length = (size_t)request->length;
  reserve(value, length);
  quick_ack(fd);
  memcpy(value->bytes, early, early_bytes);
  if (early_bytes < length &&
      recv(fd, value->bytes + early_bytes, length - early_bytes, MSG_WAITALL) != (ssize_t)(length - early_bytes))
    return -1;
  quick_ack(fd);
  struct reply header = {SUCCESS, request->length, request->format, request->type,
                         {request->shape[0], request->shape[1], request->shape[2], request->shape[3]}, 0};
  value->header = header;
  return 0;
}

static void *serve(void *argument) {
  int fd = (int)(intptr_t)argument, one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  static __thread char inbox[INBOX_BYTES];
  static __thread struct reply outbox[INBOX_BYTES / sizeof(struct request)];
  size_t filled = 0;
  for (;;) {
    ssize_t got = recv(fd, inbox + filled, sizeof inbox - filled, 0);
    if (got <= 0) goto done;
    filled += (size_t)got;
    size_t at = 0, replies = 0;
    while (filled - at >= sizeof(struct request)) {
      struct request *request = (struct request *)(inbox + at);
      at += sizeof *request;
      if (request->command == EXIST || request->command == HEALTH) {
        outbox[replies++] = yes;
        continue;
      }
      if (replies > 0 && send(fd, outbox, replies * sizeof *outbox, 0) < 0) goto done;
      replies = 0;
      if (request->command == GET) {
        struct value *value = value_of(request->key);
        const struct reply *header = value->header.code == SUCCESS ? &value->header : &no;
        if (send_all(fd, header, value->bytes, (size_t)header->length) < 0) goto done;
      } else if (request->command == PUT && request->length >= 0) {
        size_t early = filled - at < (size_t)request->length ? filled - at : (size_t)request->length;
        if (take_body(fd, request, inbox + at, early) < 0) goto done;
        at += early;
      } else {
        goto done;
      }
    }
    if (replies > 0 && send(fd, outbox, replies * sizeof *outbox, 0) < 0) goto done;
    memmove(inbox, inbox + at, filled - at);
    filled -= at;
  }
done:
  close(fd);
  return NULL;
}

int main(int argc, char **argv) {
  if (argc < 2) { fprintf(stderr, "usage: c_loop PORT [--keys N]\n"); return 2; }
  for (int i = 2; i + 1 < argc; i += 2)
    if (strcmp(argv[i], "--keys") == 0) value_count = strtoul(argv[i + 1], NULL, 10);
  values = calloc(value_count, sizeof *values);
  if (value_count == 0 || values == NULL) { fprintf(stderr, "c_loop: bad --keys\n"); return 2; }
  arena = mmap(NULL, ARENA_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (arena == MAP_FAILED) die("mmap");
  madvise(arena, ARENA_BYTES, MADV_HUGEPAGE);
  signal(SIGPIPE, SIG_IGN);
  int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0) die("bind");
  if (listen(listener, 128) < 0) die("listen");
  for (;;) {
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) { if (errno == EINTR) continue; die("accept"); }
    pthread_t thread;
    if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)fd) != 0) die("pthread_create");
    pthread_detach(thread);
  }
}
