// A part of cuDNN: only that it is there matters.
int mock_part = 1;
