"""What the UI says, by page: key -> (Chinese, English); `{}` fields are filled by `say`."""
