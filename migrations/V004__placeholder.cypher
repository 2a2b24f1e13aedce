// placeholder
RETURN 1;
