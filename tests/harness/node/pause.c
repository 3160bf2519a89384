/* The first process of a PID namespace: reaps whatever is orphaned there and waits to be ended.
 *
 * It is the sandbox container of every Pod, and the first process of the node itself.
 */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

static void end(int signal) {
    (void)signal;
    _exit(0);
}

static void reap(int signal) {
    (void)signal;
    int kept = errno;
    while (waitpid(-1, NULL, WNOHANG) > 0) {
    }
    errno = kept;
}

static int handle(int signal, void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_NOCLDSTOP | SA_RESTART};
    return sigaction(signal, &action, NULL);
}

int main(void) {
    if (handle(SIGINT, end) < 0 || handle(SIGTERM, end) < 0 || handle(SIGCHLD, reap) < 0) {
        return 1;
    }
    for (;;) {
        pause();
    }
}
