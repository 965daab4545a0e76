/* switch RATE_MBIT DELAY_US QUEUE_KB HOST...
 * A store-and-forward Ethernet switch with link rate and delay, in user space, for kernels without netem. Makes the TAP device eth0 in each
 * network namespace HOST and forwards until SIGTERM. Each link is full duplex: a frame takes its length over RATE on the sender's link,
 * waits DELAY_US, and takes the same again on the receiver's. A queue longer than QUEUE_KB drops what comes. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { PORTS = 16, FRAME = 1600, SLOTS = 8192, FRAMES_AT_ONCE = 32, TIMER = 999 };
enum { ETHERNET_HEADER = 14, FRAME_OVERHEAD = 24 }; /* preamble, checksum, gap */

typedef struct { uint64_t due; uint16_t length; unsigned char data[FRAME]; } Frame;

/* One queue per receiving port; the times at which its frames are due only grow. */
typedef struct {
    int fd;
    unsigned char address[6];
    Frame *queue;
    unsigned head, tail;
    uint64_t sent_until, received_until; /* when the link is free again, per direction */
} Port;

static Port ports[PORTS];
static int count;
static double ns_per_byte;
static uint64_t delay, longest_queue;
static volatile sig_atomic_t stopped;

static void stop(int signal) { (void)signal; stopped = 1; }

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static uint64_t later(uint64_t a, uint64_t b) { return a > b ? a : b; }

static int open_port(Port *port, const char *host) {
    char path[256];
    struct ifreq request = {0};
    snprintf(path, sizeof path, "/run/netns/%s", host);
    int space = open(path, O_RDONLY);
    if (space < 0 || setns(space, CLONE_NEWNET)) return -1;
    close(space);
    port->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
    request.ifr_flags = IFF_TAP | IFF_NO_PI;
    strcpy(request.ifr_name, "eth0");
    port->queue = malloc(sizeof(Frame) * SLOTS);
    return port->fd < 0 || !port->queue ? -1 : ioctl(port->fd, TUNSETIFF, &request);
}

static void enqueue(Port *to, const unsigned char *data, int length, uint64_t at, uint64_t seconds) {
    uint64_t start = later(to->received_until, at);
    if (start - at > longest_queue || to->tail - to->head >= SLOTS) return;
    to->received_until = start + seconds;
    Frame *frame = &to->queue[to->tail++ % SLOTS];
    frame->due = to->received_until;
    frame->length = length;
    memcpy(frame->data, data, length);
}

static void forward(Port *from) {
    unsigned char data[FRAME];
    for (int i = 0; i < FRAMES_AT_ONCE; i++) {
        ssize_t length = read(from->fd, data, FRAME);
        if (length <= ETHERNET_HEADER) return;
        uint64_t t = now(), seconds = (length + FRAME_OVERHEAD) * ns_per_byte;
        memcpy(from->address, data + 6, 6);
        from->sent_until = later(from->sent_until, t) + seconds;
        if (from->sent_until - t > longest_queue) continue;
        Port *only = NULL;
        for (Port *to = ports; to < ports + count && !(data[0] & 1); to++)
            if (to != from && !memcmp(to->address, data, 6)) only = to;
        for (Port *to = ports; to < ports + count; to++)
            if (to != from && (!only || to == only)) enqueue(to, data, length, from->sent_until + delay, seconds);
    }
}

static void deliver(Port *to, uint64_t t) {
    while (to->head != to->tail && to->queue[to->head % SLOTS].due <= t) {
        Frame *frame = &to->queue[to->head % SLOTS];
        if (write(to->fd, frame->data, frame->length) < 0 && errno == EAGAIN) return;
        to->head++;
    }
}

static void set_timer(int timer) {
    uint64_t next = UINT64_MAX;
    struct itimerspec at = {0};
    for (Port *p = ports; p < ports + count; p++)
        if (p->head != p->tail && p->queue[p->head % SLOTS].due < next) next = p->queue[p->head % SLOTS].due;
    if (next != UINT64_MAX) {
        at.it_value.tv_sec = next / 1000000000ull;
        at.it_value.tv_nsec = next % 1000000000ull + (next ? 0 : 1);
    }
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, 0);
}

int main(int argc, char **argv) {
    if (argc < 5 || argc - 4 > PORTS) { fprintf(stderr, "usage: switch RATE_MBIT DELAY_US QUEUE_KB HOST...\n"); return 2; }
    ns_per_byte = 8000.0 / atof(argv[1]);
    delay = atof(argv[2]) * 1000;
    longest_queue = atof(argv[3]) * 1024 * ns_per_byte;
    count = argc - 4;
    for (int i = 0; i < count; i++)
        if (open_port(&ports[i], argv[4 + i])) { perror(argv[4 + i]); return 1; }
    struct sched_param realtime = {.sched_priority = 10};
    if (sched_setscheduler(0, SCHED_FIFO, &realtime)) perror("no real-time priority: times will be rougher");
    mlockall(MCL_CURRENT);
    signal(SIGTERM, stop);
    signal(SIGINT, stop);
    int poll = epoll_create1(0), timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN}, events[PORTS + 1];
    for (int i = 0; i < count; i++) { event.data.u32 = i; epoll_ctl(poll, EPOLL_CTL_ADD, ports[i].fd, &event); }
    event.data.u32 = TIMER;
    epoll_ctl(poll, EPOLL_CTL_ADD, timer, &event);
    puts("ready");
    fflush(stdout);
    while (!stopped) {
        set_timer(timer);
        int ready = epoll_wait(poll, events, PORTS + 1, -1);
        for (int i = 0; i < ready; i++) {
            uint64_t expirations;
            if (events[i].data.u32 != TIMER) forward(&ports[events[i].data.u32]);
            else if (read(timer, &expirations, sizeof expirations) < 0) continue;
        }
        for (Port *p = ports; p < ports + count; p++) deliver(p, now());
    }
    return 0;
}
