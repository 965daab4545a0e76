/* slices.so, preloaded into a program that has its first thread scheduled by deadline: ends its slices when they are used up.
 * The kernel looks at a running thread's slice only at its own ticks, milliseconds apart; asking for the thread's clock makes it look. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { PERIOD_NS = 200000, RUNTIME_NS = 10000, SLACK_NS = 1000, DEADLINE_POLICY = 6 };

struct attributes {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
};

static clockid_t first_thread;

static void *look(void *unused) {
    struct attributes attributes = {.size = sizeof attributes, .policy = DEADLINE_POLICY, .runtime = RUNTIME_NS, .deadline = PERIOD_NS, .period = PERIOD_NS};
    struct timespec pause = {0, PERIOD_NS}, used;
    (void)unused;
    prctl(PR_SET_TIMERSLACK, SLACK_NS);
    if (syscall(SYS_sched_setattr, 0, &attributes, 0) == 0)
        while (clock_gettime(first_thread, &used) == 0) nanosleep(&pause, NULL);
    return NULL;
}

__attribute__((constructor)) static void start(void) {
    pthread_t thread;
    sigset_t all, before;
    if ((sched_getscheduler(0) & ~SCHED_RESET_ON_FORK) != DEADLINE_POLICY || pthread_getcpuclockid(pthread_self(), &first_thread) != 0) return;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&thread, NULL, look, NULL) == 0) pthread_detach(thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}
