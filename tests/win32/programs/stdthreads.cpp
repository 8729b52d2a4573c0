// SPDX-License-Identifier: BSD-2-Clause
// C++ threads: thread-local objects with destructors, futures, conditions, one-time calls.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <future>
#include <mutex>
#include <numeric>
#include <shared_mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace {

std::atomic<int> made, dropped;

struct Local {
    int value = 0;
    Local() { made++; }
    ~Local() { dropped++; }
};

thread_local Local local;

void locals()
{
    std::vector<std::thread> threads;
    std::atomic<int> sum = 0;
    for (int i = 0; i < 10; i++)
        threads.emplace_back([i, &sum] {
            for (int k = 0; k <= i; k++)
                local.value++;
            sum += local.value;
        });
    for (auto &t : threads)
        t.join();
    std::printf("locals %d made %d dropped %d\n", sum.load(), made.load(), dropped.load());
}

void queue()
{
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<int> items;
    bool done = false;
    long total = 0;
    std::thread consumer([&] {
        std::unique_lock lock(mutex);
        for (;;) {
            changed.wait(lock, [&] { return done || !items.empty(); });
            if (items.empty())
                return;
            total += items.front();
            items.pop_front();
        }
    });
    for (int i = 1; i <= 2000; i++) {
        std::lock_guard lock(mutex);
        items.push_back(i);
        changed.notify_one();
    }
    {
        std::lock_guard lock(mutex);
        done = true;
    }
    changed.notify_all();
    consumer.join();
    std::printf("queue %ld\n", total);
    std::unique_lock lock(mutex);
    std::printf("timeout %d\n", changed.wait_for(lock, std::chrono::milliseconds(20)) == std::cv_status::timeout);
}

void futures()
{
    std::vector<std::future<long>> parts;
    for (int p = 0; p < 4; p++)
        parts.push_back(std::async(std::launch::async, [p] {
            long sum = 0;
            for (int i = p; i < 100000; i += 4)
                sum += i;
            return sum;
        }));
    long sum = 0;
    for (auto &f : parts)
        sum += f.get();
    std::promise<int> promise;
    std::thread t([&] { promise.set_exception(std::make_exception_ptr(41)); });
    try {
        promise.get_future().get();
    } catch (int n) {
        std::printf("future %ld, exception %d\n", sum, n);
    }
    t.join();
}

void meeting()
{
    std::once_flag once;
    std::atomic<int> calls = 0;
    std::shared_mutex shared;
    int value = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; i++)
            threads.emplace_back([&] {
                std::call_once(once, [&] { calls++; });
                for (int k = 0; k < 50; k++) {
                    if (k % 2) {
                        std::unique_lock lock(shared);
                        value++;
                    } else {
                        std::shared_lock lock(shared);
                        (void)value;
                    }
                }
            });
    }
    std::printf("once %d value %d\n", calls.load(), value);
}

void stopping()
{
    std::atomic<bool> seen = false;
    {
        std::jthread t([&](std::stop_token stop) {
            while (!stop.stop_requested())
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            seen = true;
        });
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    std::printf("stopped %d\n", seen.load());
}

}

int main()
{
    locals();
    queue();
    futures();
    meeting();
    stopping();
    return 0;
}
