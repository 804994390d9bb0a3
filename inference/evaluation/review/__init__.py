"""What a person had better look at: suspected label errors, and queues of images."""
